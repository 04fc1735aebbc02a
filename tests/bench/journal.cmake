# SPDX-License-Identifier: MIT
# What a record of the journal costs.
add_executable(bench_journal journal_main.cpp)
target_link_libraries(bench_journal PRIVATE forksafe::forksafe)
