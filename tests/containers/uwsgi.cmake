# SPDX-License-Identifier: MIT
# The scenarios of uWSGI, on the system's version.
forksafe_add_app(listener TYPE listener::Listener MODULES listener.cppm CONTAINERS uwsgi)

forksafe_add_container_test(test_uwsgi_configuration
  Configuration.test_modifier_that_another_plugin_has
  Configuration.test_plugin_of_another_uwsgi
  Configuration.test_settings_and_where_they_come_from
  Configuration.test_settings_of_another_user
  Configuration.test_settings_that_cannot_be_read
  Configuration.test_two_applications)

forksafe_add_container_test(test_uwsgi_lifecycle
  Lifecycle.test_application_loaded_by_the_master
  Lifecycle.test_chain_reload
  Lifecycle.test_cheaper_workers_come_and_go
  Lifecycle.test_debug_object
  Lifecycle.test_every_kind_of_process
  Lifecycle.test_from_start_to_end
  Lifecycle.test_harakiri
  Lifecycle.test_inherited_reload_counter_is_no_reload
  Lifecycle.test_lazy_applications
  Lifecycle.test_reload_of_the_master
  Lifecycle.test_without_master)

forksafe_add_container_test(test_uwsgi_requests
  Requests.test_answers_have_their_length
  Requests.test_beside_python
  Requests.test_body_cut_short
  Requests.test_chunked_body
  Requests.test_closed_connections
  Requests.test_connections_of_the_router
  Requests.test_echo
  Requests.test_handler_that_throws
  Requests.test_head
  Requests.test_kept_connections
  Requests.test_large_bodies
  Requests.test_no_request_is_served_once_a_worker_exits
  Requests.test_protocol_of_all_sockets)

forksafe_add_container_test(test_uwsgi_trouble
  Trouble.test_application_that_cannot_be_loaded
  Trouble.test_daemons_and_cron_jobs_are_no_mules
  Trouble.test_death_again_and_again_in_a_worker
  Trouble.test_exit_in_a_worker
  Trouble.test_fork_fails
  Trouble.test_fork_of_a_mule_fails
  Trouble.test_hang_in_a_worker
  Trouble.test_helper_processes_are_no_workers
  Trouble.test_port_in_use
  Trouble.test_reloads_leave_nothing_behind
  Trouble.test_throw_before_the_fork
  Trouble.test_throw_in_a_worker)

forksafe_add_serving_tests()
forksafe_add_container_test(test_page Sockets.test_log_x_forwarded_for_of_uwsgi Sockets.test_unix_socket_of_uwsgi)

# Tests what the configuration reports when it cannot go on.
function(add_refusal_test name message)
  add_test(NAME containers${suffix}.uwsgi_configure.${name}
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/kit/refuses.py "${message}"
      ${CMAKE_COMMAND} -D PROGRAMS=${CMAKE_CURRENT_SOURCE_DIR}/uwsgi_configure ${ARGN}
      -P ${CMAKE_CURRENT_SOURCE_DIR}/uwsgi_configure/refuse.cmake)
endfunction()

add_refusal_test(no_program "apt install uwsgi-core.*set FORKSAFE_UWSGI_PROGRAM" -D FORKSAFE_UWSGI_PROGRAM=NOTFOUND)
add_refusal_test(old_program "is uWSGI 2.0.20, which calls no plugin before it forks" -D FORKSAFE_UWSGI_PROGRAM=old)
add_refusal_test(other_program "does not print its own header and flags" -D FORKSAFE_UWSGI_PROGRAM=/bin/true)
add_refusal_test(taken_modifier "FORKSAFE_UWSGI_MODIFIER is 173, .*110, 111, 173, 250, 255" -D FORKSAFE_UWSGI_MODIFIER=173)
add_refusal_test(high_modifier "uWSGI's modifiers are 0 to 255" -D FORKSAFE_UWSGI_MODIFIER=256)
add_refusal_test(no_modifier "uWSGI's modifiers are 0 to 255" -D FORKSAFE_UWSGI_MODIFIER=python)
