# SPDX-License-Identifier: MIT
# gunicorn loads stable-ABI Python extensions.
include(${CMAKE_CURRENT_LIST_DIR}/../../modules/cpython/cpython.cmake)

function(forksafe_add_gunicorn_binding target folder)
  forksafe_add_cpython()
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/arbiter.cppm
      ${folder}/hooks.cppm
      ${folder}/request.cppm
    PRIVATE
      ${folder}/arbiter.cpp
      ${folder}/hooks.cpp
      ${folder}/request.cpp
      ${folder}/response.cpp)
  target_link_libraries(${target} PUBLIC forksafe_cpython)
endfunction()

function(forksafe_add_gunicorn_artefact target name entry)
  forksafe_add_python_extension(${target} ${name} ${entry})
endfunction()
