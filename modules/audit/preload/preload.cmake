# SPDX-License-Identifier: MIT
# libforksafe_audit.so, which audits programs that know nothing of forksafe. It takes the profile of every host that a
# folder of policies/ describes in its audit_profile.cppm.

file(GLOB profiles CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/policies ${PROJECT_SOURCE_DIR}/policies/*/audit_profile.cppm)
set(imports "")
set(addresses "")
foreach(profile IN LISTS profiles)
  get_filename_component(name ${profile} DIRECTORY)
  string(APPEND imports "import forksafe.${name}.audit_profile;\n")
  list(APPEND addresses "&${name}_profile")
  target_sources(forksafe PUBLIC FILE_SET CXX_MODULES FILES policies/${profile})
endforeach()
list(LENGTH addresses count)
list(JOIN addresses ", " addresses)
configure_file(${CMAKE_CURRENT_LIST_DIR}/profiles.cpp.in ${PROJECT_BINARY_DIR}/forksafe/profiles.cpp @ONLY)

# Nothing but what a program calls is visible, and of the framework only what is used is in it: no Boost.
set(exports ${CMAKE_CURRENT_LIST_DIR}/exports.map)
add_library(forksafe_audit SHARED ${CMAKE_CURRENT_LIST_DIR}/preload.cpp ${CMAKE_CURRENT_LIST_DIR}/calls.cpp
  ${PROJECT_BINARY_DIR}/forksafe/profiles.cpp)
target_link_libraries(forksafe_audit PRIVATE forksafe ${CMAKE_DL_LIBS})
target_link_options(forksafe_audit PRIVATE LINKER:--as-needed LINKER:--version-script=${exports} -static-libgcc -static-libstdc++)
set_target_properties(forksafe_audit PROPERTIES LINK_DEPENDS ${exports} LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS forksafe_audit LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
