# SPDX-License-Identifier: MIT
# A library that is preloaded into any server, and times its workers.
add_library(bench_fork_to_ready MODULE EXCLUDE_FROM_ALL fork_to_ready.cpp)
set_target_properties(bench_fork_to_ready PROPERTIES PREFIX "" OUTPUT_NAME fork_to_ready SUFFIX .so
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} CXX_SCAN_FOR_MODULES OFF)
target_compile_features(bench_fork_to_ready PRIVATE cxx_std_20)
