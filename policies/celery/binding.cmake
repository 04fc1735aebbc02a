# SPDX-License-Identifier: MIT
# Celery loads stable-ABI Python extensions. Included by policies/add_app.cmake.
include(${CMAKE_CURRENT_LIST_DIR}/extension.cmake)

function(forksafe_add_binding target folder)
  forksafe_add_celery_binding(${target} ${folder})
endfunction()

function(forksafe_add_artefact name entry)
  forksafe_add_python_extension(${name} ${entry})
endfunction()
