# SPDX-License-Identifier: MIT
# What Celery's extensions are made of, those of several containers included.
include_guard(GLOBAL)
include(${FORKSAFE_COMPONENTS_DIR}/../python/bridge.cmake)

# Makes the library of what all extensions share.
function(forksafe_add_celery_binding target folder)
  forksafe_add_python_bridge()
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/binding-handle.cppm
      ${folder}/binding-host.cppm
      ${folder}/binding-pool.cppm
    PRIVATE
      ${folder}/handle.cpp
      ${folder}/host.cpp
      ${folder}/pool.cpp
      ${folder}/start.cpp)
  # CMake 3.31 shows the modules of an installed package to who links it directly.
  target_link_libraries(${target} PUBLIC forksafe_bridge forksafe::forksafe)
endfunction()
