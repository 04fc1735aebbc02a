# SPDX-License-Identifier: MIT
# Measures the cost of the check whether a fork has happened.
add_executable(bench_generation generation_main.cpp generation_page.cpp)
target_link_libraries(bench_generation PRIVATE forksafe::forksafe)
# As in emit.cmake.
target_link_options(bench_generation PRIVATE LINKER:--strip-debug)
