// SPDX-License-Identifier: MIT
#include <Python.h>
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <string>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.python;
import forksafe.standalone;

using namespace forksafe;

namespace {

using Kind = NotifyBothSides<PythonInterpreter>;
using App = ForkSafeApp<StandalonePolicy, Kind>;
App* app = nullptr;

/// Counts the calls of the Python functions of this process around forks: before, in the parent, in the child. Also returns the
/// threads that Python lists.
constexpr char const* prelude = R"(
import os, threading, time
counts = [0, 0, 0]
def count(index):
    counts[index] += 1
os.register_at_fork(before=lambda: count(0), after_in_parent=lambda: count(1), after_in_child=lambda: count(2))
ended = threading.Event()
other = threading.Thread(target=ended.wait, daemon=True)
other.start()
def report():
    return '%d %d %d, %d threads' % (*counts, threading.active_count())
)";

PyObject* announce_fork(PyObject*, PyObject*) { return before_fork(*app), PyBool_FromLong(1); }
PyObject* announce_parent(PyObject*, PyObject*) { return after_fork_in_parent(*app), PyBool_FromLong(1); }
PyObject* announce_child(PyObject*, PyObject*) { return after_fork_in_child(*app), PyBool_FromLong(1); }
PyMethodDef announcements[] = {{"announce_fork", announce_fork, METH_NOARGS, nullptr},
                               {"announce_parent", announce_parent, METH_NOARGS, nullptr},
                               {"announce_child", announce_child, METH_NOARGS, nullptr},
                               {nullptr, nullptr, 0, nullptr}};
PyModuleDef server{PyModuleDef_HEAD_INIT, "server", nullptr, -1, announcements, nullptr, nullptr, nullptr, nullptr};
PyObject* make_server() { return PyModule_Create(&server); }

std::string run(char const* code, char const* expression = "''") {
  PyObject* const globals = PyModule_GetDict(PyImport_AddModule("__main__"));
  PyObject* const done = PyRun_String(code, Py_file_input, globals, globals);
  PyObject* const value = done == nullptr ? nullptr : PyRun_String(expression, Py_eval_input, globals, globals);
  if (value == nullptr) return PyErr_Print(), "raised";
  return PyUnicode_AsUTF8(value);
}

std::string report() {
  auto const lock = PyGILState_Ensure();
  std::string const text = run("", "report()");
  PyGILState_Release(lock);
  return text;
}

/// Returns why a child cannot use the interpreter.
std::string refusal_of(App& own) {
  try {
    static_cast<void>(own.registry().find<Kind>()->get());
  } catch (std::exception const& refusal) {
    return refusal.what();
  }
  return "usable";
}

/// Runs an interpreter in a separate process.
template <class Work>
std::string with_python(Work work) {
  return in_child([&] {
           PyImport_AppendInittab("server", make_server);
           Py_InitializeEx(0);
           run(prelude);
           return std::string{work()};
         })
      .text;
}

/// As in a server that is not a Python program: between two calls none of its threads holds the interpreter lock.
template <class Work>
std::string with_idle_python(Work work) {
  return with_python([&] {
    PyEval_SaveThread();
    return work();
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(python)

BOOST_AUTO_TEST_CASE(unprotected_a_c_fork_passes_python_by) {
  BOOST_TEST(with_python([] {
               std::string const child = in_child(report).text;
               return child + "; " + report();
             }) == "0 0 0, 2 threads; 0 0 0, 2 threads");
}

BOOST_AUTO_TEST_CASE(python_hears_of_a_c_fork_once_on_both_sides) {
  auto const work = [] {
    App& own = *new App{"python"};
    std::string const child = in_worker(own, report).text;
    return child + "; " + report() + failures_of(own);
  };
  BOOST_TEST(with_idle_python(work) == "1 0 1, 1 threads; 1 1 0, 2 threads");
  BOOST_TEST(with_python(work) == "1 0 1, 1 threads; 1 1 0, 2 threads");
}

BOOST_AUTO_TEST_CASE(a_worker_can_use_threads_and_fork_again) {
  BOOST_TEST(with_idle_python([] {
               App& own = *new App{"python"};
               return in_worker(own,
                                [&] {
                                  auto const lock = PyGILState_Ensure();
                                  run("another = threading.Thread(target=count, args=(0,)); another.start(); another.join()");
                                  PyGILState_Release(lock);
                                  return in_worker(own, report).text + "; " + report();
                                })
                   .text;
             }) == "3 0 2, 1 threads; 3 1 1, 1 threads");
}

BOOST_AUTO_TEST_CASE(a_failed_fork_is_undone) {
  BOOST_TEST(with_idle_python([] {
               App& own = *new App{"python"};
               before_fork(own);
               after_failed_fork(own);
               return report();
             }) == "1 1 0, 2 threads");
}

BOOST_AUTO_TEST_CASE(a_fork_of_python_s_own_is_not_told_twice) {
  BOOST_TEST(with_python([] {
               app = new App{"python"};
               return run(R"(
import server
ends = os.pipe()
server.announce_fork()
pid = os.fork()
if pid == 0:
    server.announce_child()
    os.write(ends[1], report().encode())
    os._exit(0)
server.announce_parent()
os.waitpid(pid, 0)
)",
                          "os.read(ends[0], 100).decode() + '; ' + report()");
             }) == "1 0 1, 1 threads; 1 1 0, 2 threads");
}

BOOST_AUTO_TEST_CASE(unannounced_forks_are_repaired_by_use) {
  BOOST_TEST(with_python([] {
               App& own = *new App{"python"};
               return in_child([&] { return static_cast<void>(own.registry().find<Kind>()->get()), report(); }, ::_Fork).text;
             }) == "0 0 1, 1 threads");
  BOOST_TEST(with_python([] {
               App& own = *new App{"python"};
               run("import _imp; _imp.acquire_lock()");
               return in_child([&] { return refusal_of(own); }, ::_Fork).text;
             }) == "was forked during an import, and not announced");
  BOOST_TEST(with_idle_python([] {
               App& own = *new App{"python"};
               return in_child([&] { return refusal_of(own); }, ::_Fork).text;
             }) == "was forked by a thread without the interpreter lock, and not announced");
}

BOOST_AUTO_TEST_CASE(without_an_interpreter_there_is_nothing_to_do) {
  App& own = *new App{"python"};
  BOOST_TEST(in_worker(own, [] { return "served"; }).text == "served");
}

BOOST_AUTO_TEST_SUITE_END()
