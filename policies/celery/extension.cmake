# SPDX-License-Identifier: MIT
# What Celery's extensions are made of, those of several containers included.
include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/../../modules/cpython/cpython.cmake)

# Makes the library of what all extensions share.
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
  # CMake 3.31 shows the modules of an installed package to who links it directly.
  target_link_libraries(${target} PUBLIC forksafe_cpython forksafe::forksafe)
endfunction()
