# SPDX-License-Identifier: MIT
# What it takes to show 256 workers.
add_executable(bench_page page_main.cpp)
target_link_libraries(bench_page PRIVATE forksafe::forksafe)
