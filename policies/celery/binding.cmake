# SPDX-License-Identifier: MIT
# Celery loads stable-ABI Python extensions.
include(${CMAKE_CURRENT_LIST_DIR}/../../modules/cpython/cpython.cmake)

function(forksafe_add_celery_binding target folder)
  forksafe_add_cpython()
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/handle.cppm
      ${folder}/hooks.cppm
      ${folder}/pool.cppm
    PRIVATE
      ${folder}/handle.cpp
      ${folder}/hooks.cpp
      ${folder}/pool.cpp
      ${folder}/start.cpp)
  target_link_libraries(${target} PUBLIC forksafe_cpython)
endfunction()

function(forksafe_add_celery_artefact target name entry)
  forksafe_add_python_extension(${target} ${name} ${entry})
endfunction()
