# SPDX-License-Identifier: MIT
# gunicorn loads stable-ABI Python extensions. Included by policies/add_app.cmake.
include(${FORKSAFE_COMPONENTS_DIR}/../python/bridge.cmake)

# Makes the library of what all extensions share.
function(forksafe_add_binding target folder)
  forksafe_add_python_bridge()
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/binding-host.cppm
      ${folder}/binding-request.cppm
      ${folder}/binding-slots.cppm
    PRIVATE
      ${folder}/binding-host.cpp
      ${folder}/binding-request.cpp
      ${folder}/binding-response.cpp
      ${folder}/binding-slots.cpp)
  target_link_libraries(${target} PUBLIC forksafe_bridge)
endfunction()

function(forksafe_add_artefact name entry)
  forksafe_add_python_extension(${name} ${entry})
endfunction()
