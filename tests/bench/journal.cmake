# SPDX-License-Identifier: MIT
# Measures the cost of a record of the journal.
add_executable(bench_journal journal_main.cpp)
target_link_libraries(bench_journal PRIVATE forksafe::forksafe)
