# SPDX-License-Identifier: MIT
# The scenarios of gunicorn, on the system's version and on the newest one from PyPI.
forksafe_add_app(hooks_only TYPE hooks_only::Hooks MODULES hooks_only.cppm CONTAINERS gunicorn)

add_library(gunicorn_table OBJECT gunicorn_table.cpp)
target_link_libraries(gunicorn_table PRIVATE forksafe_binding${suffix})

include(${CMAKE_CURRENT_LIST_DIR}/gunicorn_venv.cmake)

# Adds cases that run with both versions, or with none.
function(add_gunicorn_test suite)
  forksafe_add_container_test(${suite} ${ARGN})
  foreach(case IN LISTS ARGN)
    set_tests_properties(containers${suffix}.${suite}.${case} PROPERTIES
      ENVIRONMENT FORKSAFE_GUNICORN_VENV=${gunicorn_venv} FIXTURES_REQUIRED gunicorn.venv TIMEOUT 600)
  endforeach()
endfunction()

# Adds for Class.case the tests ClassDebian.case and ClassNewest.case.
function(add_test_for_each_gunicorn suite class)
  foreach(version Debian Newest)
    list(TRANSFORM ARGN PREPEND ${class}${version}. OUTPUT_VARIABLE cases)
    add_gunicorn_test(${suite} ${cases})
  endforeach()
endfunction()

add_test_for_each_gunicorn(test_gunicorn_lifecycle Lifecycle
  test_application_is_loaded_in_each_worker
  test_application_is_loaded_in_the_arbiter
  test_binary_upgrade_starts_a_server_of_its_own
  test_killed_worker_is_replaced_in_its_slot
  test_slots_over_reloads
  test_worker_that_hangs_in_a_request_is_replaced
  test_workers_leave_after_max_requests)

add_test_for_each_gunicorn(test_gunicorn_config Config
  test_configuration_file_runs_again_at_every_reload
  test_extension_is_the_configuration
  test_hooks_by_name_and_inside_functions
  test_no_hook_at_all
  test_only_post_fork_in_a_configuration_file
  test_settings_file
  test_settings_of_gunicorn
  test_settings_of_gunicorn_after_a_reload
  test_settings_of_paste
  test_three_hooks_in_a_configuration_file)

add_gunicorn_test(test_gunicorn_extension
  Extension.test_arity_table_of_gunicorn
  Extension.test_hooks_only
  Extension.test_imported_again
  Extension.test_other_pythons
  Extension.test_signatures
  Extension.test_strange_arguments_do_no_harm
  Extension.test_without_gunicorn
  Extension.test_worker_that_the_arbiter_finds_gone)

add_test_for_each_gunicorn(test_gunicorn_hooks Hooks
  test_configuration_of_another
  test_configuration_of_another_and_the_application_in_the_arbiter
  test_functions_that_call_ours_are_no_others
  test_hooks_are_not_missed_where_they_are_called
  test_hooks_of_the_arbiter_of_another
  test_no_configuration
  test_no_configuration_and_the_application_in_the_arbiter
  test_post_fork_of_another
  test_pre_fork_of_another
  test_threads_of_a_worker_without_configuration)

add_test_for_each_gunicorn(test_gunicorn_forks Forks
  test_child_of_a_request_in_a_thread_is_aborted
  test_child_of_a_request_is_aborted
  test_child_of_a_request_leaves_through_the_worker
  test_fork_in_a_hook_of_the_arbiter_is_no_worker
  test_fork_that_fails
  test_fork_inside_a_worker_that_knows_of_pre_fork_only
  test_forks_inside_a_worker
  test_subprocess_inside_a_worker
  test_subprocess_inside_the_arbiter)

add_test_for_each_gunicorn(test_gunicorn_http Http
  test_abort_while_reading_a_body
  test_big_answer
  test_big_body
  test_body_that_ends_too_early
  test_chunked_body
  test_handler_that_throws
  test_head
  test_request_arrives_byte_by_byte
  test_target_with_bytes_above_127
  test_threads)

add_test_for_each_gunicorn(test_gunicorn_trouble Trouble
  test_death_again_and_again_after_the_fork
  test_exit_after_the_fork
  test_hang_after_the_fork
  test_hang_inside_the_fork
  test_throw_after_the_fork
  test_throw_after_the_start_of_a_worker
  test_throw_at_the_end_of_a_worker
  test_throw_at_the_reload
  test_throw_at_the_start
  test_throw_before_the_fork
  test_throw_in_the_fork_handler
  test_throw_when_a_worker_is_gone)

add_test_for_each_gunicorn(test_gunicorn_trouble Start
  test_application_that_cannot_be_loaded
  test_check_of_the_configuration
  test_huge_settings
  test_malformed_settings
  test_missing_section
  test_missing_settings
  test_port_in_use
  test_settings_without_hooks
  test_unreadable_settings)

add_test_for_each_gunicorn(test_gunicorn_reloads Reloads
  test_reloads_leave_nothing_behind)

forksafe_add_serving_tests()
forksafe_add_container_test(test_page Sockets.test_unix_socket_of_gunicorn)
