# SPDX-License-Identifier: MIT
# What gunicorn's extensions are made of, those of several containers included.
include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/../../modules/cpython/cpython.cmake)

# Makes the library of what all extensions share.
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
  # CMake 3.31 shows the modules of an installed package to who links it directly.
  target_link_libraries(${target} PUBLIC forksafe_cpython forksafe::forksafe)
endfunction()
