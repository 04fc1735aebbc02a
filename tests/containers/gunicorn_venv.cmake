# SPDX-License-Identifier: MIT
# Makes a venv with the newest gunicorn, ${gunicorn_venv}. A test that needs it requires the fixture gunicorn.venv.
set(gunicorn_venv ${PROJECT_SOURCE_DIR}/build/python/gunicorn)
include_guard(GLOBAL)
add_test(NAME gunicorn.venv
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/examples/support/make_venv.py
    ${gunicorn_venv} ${CMAKE_CURRENT_LIST_DIR}/requirements.txt)
set_tests_properties(gunicorn.venv PROPERTIES FIXTURES_SETUP gunicorn.venv)
