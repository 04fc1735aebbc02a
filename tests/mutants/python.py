# SPDX-License-Identifier: MIT
"""Mutants of the Python package."""

MUTANTS = [
    ("python_subscriber_hides_the_others", "python", "python.test_traps.Gunicorn", "policies/python/forksafe/pyramid/_registry.py",
     "        except Exception as error:\n", "        except ZeroDivisionError as error:\n"),
    ("python_late_event_forgotten", "python", "python.test_traps.Uwsgi", "policies/uwsgi/python.cppm",
     "    if (server.has_passed_fork()) raise<\"post_fork\", ApplicationPostFork>(server.this_process(), false);\n", ""),
    ("python_system_exit_swallowed", "python", "python.test_pyramid_forks.Gunicorn", "modules/python/subscribers.cpp",
     "  PyErr_Restore(interruption.type, interruption.value, interruption.traceback);\n", "  PyErr_Restore(nullptr, nullptr, nullptr);\n"),
    ("python_mules_are_workers", "python", "python.test_traps.Uwsgi", "policies/uwsgi/python.cpp",
     "    process.role = Role::mule;", "    process.role = Role::worker;"),
    ("panel_escapes_nothing", "python", "python.test_debugtoolbar", "policies/python/forksafe/pyramid/debugtoolbar/panels/templates/forksafe.dbtmako",
     'expression_filter="h"', 'expression_filter="n"'),
    ("panel_looks_before_the_answer", "python", "python.test_debugtoolbar", "policies/python/forksafe/pyramid/debugtoolbar/panels/forksafe.py",
     'NOT_ANSWERED if included else NOT_INCLUDED}\n\n    def process_response(',
     'NOT_INCLUDED}\n        if included: self.data = _snapshot(self._found.own)\n\n    def process_no_response('),
    ("panel_keeps_the_application_s_objects", "python", "python.test_debugtoolbar", "policies/python/forksafe/pyramid/debugtoolbar/panels/forksafe.py",
     '"value": _shown.repr(value)}', '"value": value}'),
    ("panel_hides_the_dead", "python", "python.test_debugtoolbar", "policies/python/forksafe/pyramid/debugtoolbar/panels/templates/forksafe.dbtmako",
     '"" if process["alive"] else " †"', '""'),
]
