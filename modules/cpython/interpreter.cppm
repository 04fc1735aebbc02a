// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.cpython:interpreter;

import forksafe.std;

export namespace forksafe::python {

/// Whether the calling thread holds the interpreter lock, in whichever interpreter. Callable with and without it.
bool has_lock() noexcept;

/// Whether Python code runs in the calling thread, which holds the lock: what it calls was called by that code.
bool runs_python() noexcept;

/// Takes the interpreter lock if the calling thread is without it; a thread that has it may be in an interpreter other than
/// the one that PyGILState_Ensure would wait for. Returns what give_lock() needs.
std::optional<PyGILState_STATE> take_lock() noexcept;
void give_lock(std::optional<PyGILState_STATE> taken) noexcept;

/// Holds the interpreter lock, whatever the calling thread holds already.
class InterpreterLock {
 public:
  InterpreterLock() noexcept : taken_(take_lock()) {}
  ~InterpreterLock() { give_lock(taken_); }
  InterpreterLock(InterpreterLock const&) = delete;
  InterpreterLock& operator=(InterpreterLock const&) = delete;

 private:
  std::optional<PyGILState_STATE> taken_;
};

/// One interpreter of the process, as a container that mounts several applications makes one for each.
class Interpreter {
 public:
  /// Returns the one that the calling thread is in. Needs the lock.
  static Interpreter current() noexcept;
  /// Returns the process's first.
  static Interpreter main() noexcept;

  [[nodiscard]] bool operator==(Interpreter const& other) const noexcept { return interpreter_ == other.interpreter_; }
  /// Returns 0 for the main one.
  [[nodiscard]] std::int64_t number() const noexcept;

 private:
  friend class InInterpreter;
  Interpreter(PyInterpreterState* interpreter, PyThreadState* state) noexcept : interpreter_(interpreter), state_(state) {}

  PyInterpreterState* interpreter_;
  /// The state in which the process's main thread runs there, so that it finds what it keeps by thread; null for other threads.
  PyThreadState* state_;
};

/// Lets the calling thread, which holds the lock, be in an interpreter for a while. Throws std::bad_alloc.
class InInterpreter {
 public:
  explicit InInterpreter(Interpreter const& interpreter);
  ~InInterpreter();
  InInterpreter(InInterpreter const&) = delete;
  InInterpreter& operator=(InInterpreter const&) = delete;

  /// Whether the thread was in another one before.
  [[nodiscard]] bool has_changed() const noexcept { return previous_ != nullptr; }

 private:
  PyThreadState* previous_ = nullptr;
  PyThreadState* own_ = nullptr;
};

}  // namespace forksafe::python
