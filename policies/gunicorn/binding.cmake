# SPDX-License-Identifier: MIT
# gunicorn loads stable-ABI Python extensions. Included by policies/add_app.cmake.

# Makes the library of what all extensions share. Any headers of CPython 3.9 or later will do: the limited API keeps
# what is newer out, so that one file loads in every CPython from 3.9 on.
function(forksafe_add_binding target folder)
  if(NOT DEFINED Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
    set(Python3_EXECUTABLE /usr/bin/python3)
  endif()
  find_package(Python3 3.9 COMPONENTS Interpreter Development.Module)
  if(NOT Python3_Development.Module_FOUND)
    message(FATAL_ERROR "gunicorn's applications need the headers of CPython 3.9 or later: install python3-dev, or set "
      "Python3_EXECUTABLE to an interpreter that has them")
  endif()
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/binding-host.cppm
      ${folder}/binding-python.cppm
      ${folder}/binding-request.cppm
      ${folder}/binding-slots.cppm
      ${folder}/binding-table.cppm
    PRIVATE
      ${folder}/binding-host.cpp
      ${folder}/binding-python.cpp
      ${folder}/binding-request.cpp
      ${folder}/binding-response.cpp
      ${folder}/binding-slots.cpp)
  target_compile_definitions(${target} PUBLIC Py_LIMITED_API=0x03090000)
  target_include_directories(${target} SYSTEM PUBLIC ${Python3_INCLUDE_DIRS})
  target_link_libraries(${target} PUBLIC forksafe::forksafe)
endfunction()

# Makes the extension NAME.abi3.so, which exports nothing but its PyInit function: two extensions in one interpreter
# must not share their frameworks. The symbols of CPython come from the interpreter that loads it.
function(forksafe_add_artefact name entry)
  set(exports ${CMAKE_CURRENT_BINARY_DIR}/${name}.exports)
  file(CONFIGURE OUTPUT ${exports} CONTENT "{ global: PyInit_${name}; local: *; };\n")
  add_library(${name} MODULE ${entry})
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .abi3.so LINK_DEPENDS ${exports}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_options(${name} PRIVATE LINKER:--version-script=${exports})
endfunction()
