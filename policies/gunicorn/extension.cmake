# SPDX-License-Identifier: MIT
# What gunicorn's extensions are made of, those of several containers included.
include_guard(GLOBAL)
include(${FORKSAFE_COMPONENTS_DIR}/../python/bridge.cmake)

# Makes the library of what all extensions share.
function(forksafe_add_gunicorn_binding target folder)
  forksafe_add_python_bridge()
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/binding-arbiter.cppm
      ${folder}/binding-host.cppm
      ${folder}/binding-request.cppm
      ${folder}/binding-slots.cppm
    PRIVATE
      ${folder}/binding-arbiter.cpp
      ${folder}/binding-host.cpp
      ${folder}/binding-request.cpp
      ${folder}/binding-response.cpp
      ${folder}/binding-slots.cpp)
  # CMake 3.31 shows the modules of an installed package to who links it directly.
  target_link_libraries(${target} PUBLIC forksafe_bridge forksafe::forksafe)
endfunction()
