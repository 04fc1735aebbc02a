# SPDX-License-Identifier: MIT
# The scenarios of Celery, on the system's version and on the newest one from PyPI, with real brokers.
forksafe_add_app(sleeper TYPE sleeper::Sleeper MODULES sleeper.cppm CONTAINERS celery)

add_library(celery_table OBJECT celery_table.cpp)
target_link_libraries(celery_table PRIVATE forksafe_binding${suffix})

set(celery_venv ${PROJECT_SOURCE_DIR}/build/python/celery)
add_test(NAME celery.venv
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/examples/support/make_venv.py
    ${celery_venv} ${CMAKE_CURRENT_SOURCE_DIR}/celery_requirements.txt)
set_tests_properties(celery.venv PROPERTIES FIXTURES_SETUP celery.venv)

# Adds cases that run with both versions, or with none; `broker` is redis, rabbitmq, or empty for messages in files.
function(add_celery_test broker suite)
  set(FORKSAFE_TEST_SERVERS ${broker})
  forksafe_add_container_test(${suite} ${ARGN})
  foreach(case IN LISTS ARGN)
    set_tests_properties(containers${suffix}.${suite}.${case} PROPERTIES
      ENVIRONMENT FORKSAFE_CELERY_VENV=${celery_venv} FIXTURES_REQUIRED celery.venv TIMEOUT 600)
  endforeach()
endfunction()

# Adds for Class.case the tests ClassDebian.case and ClassNewest.case.
function(add_test_for_each_celery broker suite class)
  foreach(version Debian Newest)
    list(TRANSFORM ARGN PREPEND ${class}${version}. OUTPUT_VARIABLE cases)
    add_celery_test("${broker}" ${suite} ${cases})
  endforeach()
endfunction()

add_test_for_each_celery(redis test_celery_lifecycle Redis
  test_killed_worker_is_replaced_in_its_slot
  test_start_work_and_stop
  test_workers_leave_after_their_tasks)
add_test_for_each_celery("" test_celery_lifecycle Filesystem
  test_killed_worker_is_replaced_in_its_slot
  test_workers_leave_after_their_tasks)
# The example below runs the system's version, with RabbitMQ.
add_celery_test(rabbitmq test_celery_lifecycle RabbitMQNewest.test_workers_leave_after_their_tasks)

add_test_for_each_celery(redis test_celery_pools Pools
  test_child_of_a_task_leaves_through_the_node
  test_child_of_a_task_leaves_through_the_worker
  test_forks_inside_a_worker
  test_forks_of_others
  test_solo
  test_threads)
add_celery_test(redis test_celery_pools PoolsNewest.test_workers_that_are_started_anew)

add_test_for_each_celery(redis test_celery_trouble Trouble
  test_throw_after_the_fork)
add_test_for_each_celery(redis test_celery_trouble FirstStart
  test_death
  test_exit
  test_throw
  test_what_others_do_ends_it)
add_celery_test(redis test_celery_trouble
  TroubleNewest.test_hang_after_the_fork
  TroubleDebian.test_exit_after_the_start
  TroubleNewest.test_throw_before_the_fork
  TroubleDebian.test_throw_when_a_worker_is_gone
  TroubleNewest.test_throw_at_the_end_of_a_worker
  LimitDebian.test_exit_in_a_row_is_slowed_down
  LimitNewest.test_failures_in_a_row_leave_before_they_are_killed
  SlowStartDebian.test_slow_subscriber_is_warned_of_and_serves
  SlowStartNewest.test_subscriber_that_is_slower_than_the_limit_fails_and_is_not_killed
  Start.test_missing_settings)

add_celery_test("" test_celery_trouble SlowStartOfFilesDebian.test_no_limit_with_the_blocking_pool)

add_celery_test("" test_celery_extension
  Extension.test_connected_strongly_and_once
  Extension.test_methods
  Extension.test_strange_keywords_do_no_harm
  Extension.test_without_a_worker
  Extension.test_without_celery)

# The example fails if a task is lost, or if a process of a node does not hear its events.
add_test(NAME celery.two_nodes
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/examples/support/with_servers.py rabbitmq --
    ${Python3_EXECUTABLE} -W ignore ${PROJECT_SOURCE_DIR}/examples/celery/spread.py $<TARGET_FILE_DIR:mint${suffix}>)
set_tests_properties(celery.two_nodes PROPERTIES TIMEOUT 600)
