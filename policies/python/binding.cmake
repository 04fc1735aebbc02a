# SPDX-License-Identifier: MIT
# Builds one stable-ABI Python extension for all containers that run Python.
include(${CMAKE_CURRENT_LIST_DIR}/../../modules/cpython/cpython.cmake)

function(forksafe_add_python_binding target folder)
  forksafe_add_cpython()
  forksafe_add_binding(celery celery)
  forksafe_add_binding(gunicorn gunicorn)
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} ${folder}/../uwsgi_python FILES
      ${folder}/binding.cppm
      ${folder}/../uwsgi_python/binding.cppm
    PRIVATE
      ${folder}/core.cpp
      ${folder}/../uwsgi_python/binding.cpp
      ${folder}/../uwsgi_python/return.cpp)
  target_link_libraries(${target} PUBLIC ${celery} ${gunicorn} forksafe_cpython)
endfunction()

function(forksafe_add_python_artefact target name entry)
  forksafe_add_python_extension(${target} ${name} ${entry})
endfunction()
