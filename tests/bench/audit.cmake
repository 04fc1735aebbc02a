# SPDX-License-Identifier: MIT
# What the inventory before a fork costs.
add_executable(bench_audit audit_main.cpp)
target_link_libraries(bench_audit PRIVATE forksafe::forksafe)
