# SPDX-License-Identifier: MIT
# Runs the checks of uWSGI's binding outside a project, with answers that it must refuse.
cmake_minimum_required(VERSION 3.28)
if(FORKSAFE_UWSGI_PROGRAM STREQUAL "old")
  set(FORKSAFE_UWSGI_PROGRAM ${PROGRAMS}/old_uwsgi)
elseif(FORKSAFE_UWSGI_PROGRAM STREQUAL "NOTFOUND")
  set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)
  set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/../../../policies/uwsgi/binding.cmake)
_forksafe_check_uwsgi_modifier()
_forksafe_ask_uwsgi(${CMAKE_CURRENT_BINARY_DIR}/refused header flags)
