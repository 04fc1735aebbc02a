# SPDX-License-Identifier: MIT
# libforksafe_audit.so, which audits programs that are built without forksafe. It contains the audit profile of every container
# that has a policy.
set(imports "")
set(policies "")
foreach(container IN LISTS FORKSAFE_CONTAINERS)
  string(APPEND imports "import forksafe.${container};\n")
  forksafe_policy_type(type ${container})
  list(APPEND policies "${type}")
endforeach()
list(JOIN policies ", " policies)
configure_file(${CMAKE_CURRENT_LIST_DIR}/profiles.cpp.in ${PROJECT_BINARY_DIR}/forksafe/profiles.cpp @ONLY)

# The library exports only the functions that a program calls, and contains only the parts of the framework that it uses: no
# Boost.
set(exports ${CMAKE_CURRENT_LIST_DIR}/exports.map)
add_library(forksafe_audit SHARED ${CMAKE_CURRENT_LIST_DIR}/preload.cpp ${CMAKE_CURRENT_LIST_DIR}/calls.cpp
  ${PROJECT_BINARY_DIR}/forksafe/profiles.cpp)
target_link_libraries(forksafe_audit PRIVATE forksafe ${CMAKE_DL_LIBS})
target_link_options(forksafe_audit PRIVATE LINKER:--as-needed LINKER:--version-script=${exports} -static-libgcc -static-libstdc++)
set_target_properties(forksafe_audit PROPERTIES LINK_DEPENDS ${exports} LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS forksafe_audit LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
