// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <pythread.h>
#include <cstdlib>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>
module forksafe.cpython;

import forksafe.std.operators;

// Not part of the limited API, which cannot be asked whether a thread holds the lock: each CPython exports one of the first two
// (the second until 3.12), and the others since 3.7.
extern "C" __attribute__((weak)) PyThreadState* PyThreadState_GetUnchecked();
extern "C" __attribute__((weak)) PyThreadState* _PyThreadState_UncheckedGet();
extern "C" PyInterpreterState* PyInterpreterState_Main();
extern "C" PyThreadState* PyInterpreterState_ThreadHead(PyInterpreterState* interpreter);
extern "C" PyThreadState* PyThreadState_Next(PyThreadState* state);

namespace forksafe::python {
namespace {

PyThreadState* holder() noexcept {
  if (&PyThreadState_GetUnchecked != nullptr) return PyThreadState_GetUnchecked();
  return &_PyThreadState_UncheckedGet != nullptr ? _PyThreadState_UncheckedGet() : PyGILState_GetThisThreadState();
}

/// Since 3.12 each thread knows its own state; before, there is one for the process: that of the thread that has the lock.
bool holder_is_this_thread() noexcept {
  static bool const is_so = [] {
    char const* const version = Py_GetVersion();
    return std::strncmp(version, "3.", 2) != 0 || std::atoi(version + 2) >= 12;
  }();
  return is_so;
}

/// Where a thread state has the number of its thread, found in one of which we know it; 0 as long as it is not found. The
/// place differs between 3.9, 3.10 and 3.11, and no function tells.
constinit std::atomic<std::size_t> thread_at{0};
constexpr std::size_t end_of_state = 240;

unsigned long read_word(PyThreadState const* state, std::size_t offset) noexcept {
  unsigned long word = 0;
  std::memcpy(&word, reinterpret_cast<std::byte const*>(state) + offset, sizeof word);
  return word;
}

void find_thread(PyThreadState const* state) noexcept {
  if (holder_is_this_thread() || thread_at.load() != 0) return;
  unsigned long const thread = PyThread_get_thread_ident();
  for (std::size_t offset = sizeof(void*); offset < end_of_state; offset += sizeof(void*))
    if (read_word(state, offset) == thread) return thread_at.store(offset);
}

/// Some containers keep the state that they made with an interpreter; others make one for each visit.
bool is_alive(PyThreadState const* state, PyInterpreterState* interpreter) noexcept {
  for (PyThreadState* one = PyInterpreterState_ThreadHead(interpreter); one != nullptr; one = PyThreadState_Next(one))
    if (one == state) return true;
  return false;
}

bool is_main_thread() noexcept { return ::syscall(SYS_gettid) == ::getpid(); }

}  // namespace

bool has_lock() noexcept {
  PyThreadState const* const state = holder();
  if (state == nullptr) return false;
  if (holder_is_this_thread() || state == PyGILState_GetThisThreadState()) return true;
  std::size_t const offset = thread_at.load();
  return offset != 0 && read_word(state, offset) == PyThread_get_thread_ident();
}

bool runs_python() noexcept { return PyEval_GetFrame() != nullptr; }

std::optional<PyGILState_STATE> take_lock() noexcept {
  if (has_lock()) return {};
  return PyGILState_Ensure();
}

void give_lock(std::optional<PyGILState_STATE> taken) noexcept {
  if (taken) PyGILState_Release(*taken);
}

Interpreter Interpreter::current() noexcept {
  PyThreadState* const state = PyThreadState_Get();
  find_thread(state);
  return {PyInterpreterState_Get(), is_main_thread() ? state : nullptr};
}

Interpreter Interpreter::main() noexcept {
  return {PyInterpreterState_Main(), is_main_thread() ? PyGILState_GetThisThreadState() : nullptr};
}

std::int64_t Interpreter::number() const noexcept { return PyInterpreterState_GetID(interpreter_); }

InInterpreter::InInterpreter(Interpreter const& interpreter) {
  if (interpreter.interpreter_ == PyInterpreterState_Get()) return;
  PyThreadState* state = is_main_thread() ? interpreter.state_ : nullptr;
  if (state != nullptr && !is_alive(state, interpreter.interpreter_)) state = nullptr;
  if (state == nullptr) state = own_ = PyThreadState_New(interpreter.interpreter_);
  if (state == nullptr) throw std::bad_alloc{};
  previous_ = PyThreadState_Swap(state);
}

InInterpreter::~InInterpreter() {
  if (own_ != nullptr) PyThreadState_Clear(own_);
  if (previous_ != nullptr) PyThreadState_Swap(previous_);
  if (own_ != nullptr) PyThreadState_Delete(own_);
}

}  // namespace forksafe::python
