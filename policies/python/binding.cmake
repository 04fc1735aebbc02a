# SPDX-License-Identifier: MIT
# One stable-ABI Python extension for all containers that run Python. Included by policies/add_app.cmake.
include(${CMAKE_CURRENT_LIST_DIR}/../celery/extension.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/../gunicorn/extension.cmake)

function(forksafe_add_binding target folder)
  forksafe_add_celery_binding(${target}_celery ${folder}/../celery)
  forksafe_add_gunicorn_binding(${target}_gunicorn ${folder}/../gunicorn)
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} ${folder}/../uwsgi_python FILES
      ${folder}/binding.cppm
      ${folder}/../uwsgi_python/binding.cppm
    PRIVATE
      ${folder}/core.cpp
      ${folder}/../uwsgi_python/binding.cpp
      ${folder}/../uwsgi_python/return.cpp)
  target_link_libraries(${target} PUBLIC ${target}_celery ${target}_gunicorn forksafe_cpython forksafe::forksafe)
endfunction()

function(forksafe_add_artefact name entry)
  forksafe_add_python_extension(${name} ${entry})
endfunction()
