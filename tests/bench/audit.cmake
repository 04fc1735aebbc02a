# SPDX-License-Identifier: MIT
# Measures the cost of the audit's inventory before a fork.
add_executable(bench_audit audit_main.cpp)
target_link_libraries(bench_audit PRIVATE forksafe::forksafe)
