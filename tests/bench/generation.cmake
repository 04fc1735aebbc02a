# SPDX-License-Identifier: MIT
# What it costs to know whether a fork has happened.
add_executable(bench_generation generation_main.cpp generation_page.cpp)
target_link_libraries(bench_generation PRIVATE forksafe::forksafe)
