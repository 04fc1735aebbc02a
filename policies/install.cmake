# SPDX-License-Identifier: MIT
# Installs sources, not compiled modules: those fit one compiler and its flags only, and CMake never reads them.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/forksafe)
set(shared_dir ${CMAKE_INSTALL_DATADIR}/forksafe)

# A module that CMake imports is compiled with no flags but CMAKE_CXX_FLAGS, and seen by direct importers only (CMake 3.31). So
# the package has the bodies in an archive, and makes a library of the modules in the project that finds it.
add_library(forksafe_bodies STATIC $<FILTER:$<TARGET_OBJECTS:forksafe>,EXCLUDE,\\.cppm\\.o$>)
set_target_properties(forksafe_bodies PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME forksafe
  ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/forksafe)
install(TARGETS forksafe_bodies)
get_target_property(interfaces forksafe CXX_MODULE_SET)
list(TRANSFORM interfaces REPLACE "^${CMAKE_CURRENT_SOURCE_DIR}/(modules|policies)/" "")
foreach(interface IN LISTS interfaces)
  cmake_path(GET interface PARENT_PATH folder)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/modules/${interface})
    install(FILES modules/${interface} DESTINATION ${shared_dir}/modules/${folder})
  else()
    install(FILES policies/${interface} DESTINATION ${shared_dir}/modules/${folder})
  endif()
endforeach()
list(JOIN interfaces "\n  " interfaces)

# The project that uses a binding compiles it, against the container that is installed there.
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/ DESTINATION ${shared_dir}/policies
  PATTERN policy.cppm EXCLUDE
  PATTERN install.cmake EXCLUDE
  PATTERN *.json EXCLUDE
  PATTERN *.md EXCLUDE
  PATTERN presets.json.in EXCLUDE
  PATTERN forksafe-config.cmake.in EXCLUDE)

# The project also compiles the components, which need a library, and the bridge to CPython.
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/modules/resource/libraries/ DESTINATION ${shared_dir}/modules/resource/libraries)
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/modules/cpython/ DESTINATION ${shared_dir}/modules/cpython)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/forksafe-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/forksafe-config.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS shared_dir CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/forksafe-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/forksafe-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/forksafe-config-version.cmake
  DESTINATION ${package_dir})

# A hidden preset for each container, for the presets of projects that use the package.
set(presets "")
foreach(container IN LISTS FORKSAFE_CONTAINERS)
  if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/${container}/binding.cmake)
    list(APPEND presets "    {
      \"name\": \"forksafe-${container}\", \"hidden\": true, \"inherits\": \"forksafe\",
      \"cacheVariables\": {\"FORKSAFE_CONTAINER\": \"${container}\"}
    }")
  endif()
endforeach()
list(JOIN presets ",\n" presets)
configure_file(${CMAKE_CURRENT_LIST_DIR}/presets.json.in ${CMAKE_CURRENT_BINARY_DIR}/forksafe/presets.json.in @ONLY)
# The installation writes the package's prefix into the file: in an inherited preset, fileDir is the folder of the heir's file.
install(CODE "
  file(READ \"${CMAKE_CURRENT_BINARY_DIR}/forksafe/presets.json.in\" text)
  string(REPLACE \"<prefix>\" \"\${CMAKE_INSTALL_PREFIX}\" text \"\${text}\")
  file(WRITE \"${CMAKE_CURRENT_BINARY_DIR}/forksafe/presets.json\" \"\${text}\")")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/forksafe/presets.json DESTINATION ${shared_dir})
