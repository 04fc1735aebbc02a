# SPDX-License-Identifier: MIT
# One answer through the binding of the preset's container and one by hand, for tests/bench/run. No tests.
forksafe_add_app(hello TYPE hello::Hello MODULES hello.cppm)

set(by_hand ${FORKSAFE_CONTAINER}_by_hand)
add_library(${by_hand} MODULE ${by_hand}.cpp)
# Compiled as the binding is, but for the modules.
foreach(property IN ITEMS COMPILE_DEFINITIONS COMPILE_OPTIONS INCLUDE_DIRECTORIES)
  set_property(TARGET ${by_hand} PROPERTY ${property} $<TARGET_PROPERTY:forksafe_binding,${property}>)
endforeach()
set_property(TARGET ${by_hand} PROPERTY CXX_SCAN_FOR_MODULES OFF)
set_target_properties(${by_hand} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
if(FORKSAFE_CONTAINER STREQUAL "uwsgi")
  target_compile_definitions(${by_hand} PRIVATE FORKSAFE_UWSGI_MODIFIER=${FORKSAFE_UWSGI_MODIFIER})
  target_include_directories(${by_hand} PRIVATE ${FORKSAFE_POLICIES_DIR}/uwsgi)
  set_target_properties(${by_hand} PROPERTIES OUTPUT_NAME ${by_hand}_plugin SUFFIX .so)
else()
  set_target_properties(${by_hand} PROPERTIES SUFFIX .abi3.so)
endif()

add_custom_target(bench_servers DEPENDS hello ${by_hand})
set_target_properties(hello hello_app ${by_hand} PROPERTIES EXCLUDE_FROM_ALL ON)
