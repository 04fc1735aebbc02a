# SPDX-License-Identifier: MIT
# Measures the cost of `emit`: programs for tests/bench/run, and tests of the exact numbers.
set(generator ${CMAKE_CURRENT_SOURCE_DIR}/generate.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${generator})

add_custom_target(bench_emit)
set(programs)
foreach(count IN ITEMS 0 1 10 100)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${count})
  execute_process(COMMAND ${Python3_EXECUTABLE} ${generator} emit ${count} ${folder} COMMAND_ERROR_IS_FATAL ANY)
  add_library(bench_subscribers_${count} STATIC)
  target_sources(bench_subscribers_${count}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES ${folder}/subscribers.cppm
    PRIVATE ${folder}/subscribers.cpp)
  target_link_libraries(bench_subscribers_${count} PUBLIC forksafe::forksafe)
  add_executable(bench_emit_${count} ${folder}/emit.cpp emit_main.cpp)
  target_link_libraries(bench_emit_${count} PRIVATE bench_subscribers_${count})
  # Older valgrinds cannot read the debug information of newer compilers. The code stays the same without it.
  target_link_options(bench_emit_${count} PRIVATE LINKER:--strip-debug)
  add_dependencies(bench_emit bench_emit_${count})
  list(APPEND programs $<TARGET_FILE:bench_emit_${count}>)
endforeach()

# A sanitizer adds instructions, allocations and initialisers.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  return()
endif()

add_executable(bench_no_allocation no_allocation.cpp ${CMAKE_CURRENT_BINARY_DIR}/100/emit.cpp)
target_link_libraries(bench_no_allocation PRIVATE bench_subscribers_100 ${CMAKE_DL_LIBS})
add_dependencies(bench_emit bench_no_allocation)
add_test(NAME bench.no_allocation COMMAND bench_no_allocation)

add_test(NAME bench.emit_instructions
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/callgrind.py ${programs})

add_library(bench_dynamic_initialiser OBJECT dynamic_initialiser.cpp)
add_dependencies(bench_emit bench_dynamic_initialiser)
set(initialisers ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/initialisers.py
  --known-bad $<TARGET_OBJECTS:bench_dynamic_initialiser> $<TARGET_OBJECTS:forksafe>)
add_test(NAME bench.no_dynamic_initialiser COMMAND ${initialisers} COMMAND_EXPAND_LISTS)
