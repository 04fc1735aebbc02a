# SPDX-License-Identifier: MIT
# The bridge to CPython. Included by the binding.cmake of each container that runs Python.
include_guard(GLOBAL)

set(FORKSAFE_CPYTHON_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "Where the bridge to CPython is")

# Makes the library forksafe_cpython. Any headers of CPython 3.9 or later will do: the limited API keeps what is newer
# out, so that one file loads in every CPython from 3.9 on.
function(forksafe_add_cpython)
  if(TARGET forksafe_cpython)
    return()
  endif()
  if(NOT DEFINED Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
    set(Python3_EXECUTABLE /usr/bin/python3)
  endif()
  find_package(Python3 3.9 COMPONENTS Interpreter Development.Module)
  if(NOT Python3_Development.Module_FOUND)
    message(FATAL_ERROR "Python extensions need the headers of CPython 3.9 or later: install python3-dev, or set "
      "Python3_EXECUTABLE to an interpreter that has them")
  endif()
  add_library(forksafe_cpython STATIC)
  target_sources(forksafe_cpython
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${FORKSAFE_CPYTHON_DIR} FILES
      ${FORKSAFE_CPYTHON_DIR}/cpython.cppm
      ${FORKSAFE_CPYTHON_DIR}/callable.cppm
      ${FORKSAFE_CPYTHON_DIR}/interpreter.cppm
      ${FORKSAFE_CPYTHON_DIR}/object.cppm
      ${FORKSAFE_CPYTHON_DIR}/part.cppm
      ${FORKSAFE_CPYTHON_DIR}/subscribers.cppm
      ${FORKSAFE_CPYTHON_DIR}/table.cppm
    PRIVATE
      ${FORKSAFE_CPYTHON_DIR}/callable.cpp
      ${FORKSAFE_CPYTHON_DIR}/error.cpp
      ${FORKSAFE_CPYTHON_DIR}/interpreter.cpp
      ${FORKSAFE_CPYTHON_DIR}/object.cpp
      ${FORKSAFE_CPYTHON_DIR}/part.cpp
      ${FORKSAFE_CPYTHON_DIR}/subscribers.cpp)
  target_compile_definitions(forksafe_cpython PUBLIC Py_LIMITED_API=0x03090000)
  target_include_directories(forksafe_cpython SYSTEM PUBLIC ${Python3_INCLUDE_DIRS})
  target_link_libraries(forksafe_cpython PUBLIC forksafe::forksafe)
  _forksafe_quiet(forksafe_cpython)
endfunction()

# Makes TARGET, the extension NAME.abi3.so, which exports nothing but its PyInit function: two extensions in one interpreter
# must not share their frameworks. The symbols of CPython come from the interpreter that loads it.
function(forksafe_add_python_extension target name entry)
  set(exports ${CMAKE_CURRENT_BINARY_DIR}/${target}.exports)
  file(CONFIGURE OUTPUT ${exports} CONTENT "{ global: PyInit_${name}; local: *; };\n")
  add_library(${target} MODULE ${entry})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX .abi3.so LINK_DEPENDS ${exports})
  target_link_options(${target} PRIVATE LINKER:--version-script=${exports})
endfunction()
