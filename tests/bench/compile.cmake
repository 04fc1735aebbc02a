# SPDX-License-Identifier: MIT
# These files are never linked: tests/bench/run takes their compile commands from this build, and times them.
set(folder ${CMAKE_CURRENT_BINARY_DIR}/compile)
file(CONFIGURE OUTPUT ${folder}/empty.cpp CONTENT "")
file(CONFIGURE OUTPUT ${folder}/imports.cpp CONTENT "import forksafe;\nimport forksafe.standalone;\n")
file(CONFIGURE OUTPUT ${folder}/hana.cpp CONTENT "#include <boost/hana.hpp>\n")
# A policy as its room has it, proofs included, but as no module: that would write the module's file anew each time.
file(READ ${PROJECT_SOURCE_DIR}/policies/uwsgi/policy.cppm policy)
string(REPLACE "export module forksafe.uwsgi;\n" "" policy "${policy}")
string(REPLACE "export namespace" "namespace" policy "${policy}")
file(CONFIGURE OUTPUT ${folder}/policy.cpp CONTENT "${policy}" @ONLY)
set(sources ${folder}/empty.cpp ${folder}/imports.cpp ${folder}/policy.cpp ${folder}/hana.cpp)
foreach(count IN ITEMS 1 100)
  set(file ${folder}/subscribers_${count}.cpp)
  execute_process(COMMAND ${Python3_EXECUTABLE} ${generator} compile ${count} ${file} COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND sources ${file})
endforeach()

add_library(bench_compile OBJECT EXCLUDE_FROM_ALL ${sources})
target_link_libraries(bench_compile PRIVATE forksafe::forksafe)
