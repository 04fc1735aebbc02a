// SPDX-License-Identifier: MIT
export module forksafe.resource.python;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of NotifyBothSides: tells the Python interpreter of this process, 3.8 or later, about forks that C code makes.
///
/// Without that, the functions of os.register_at_fork are not called, the child still lists threads that it does not have, and
/// waits for locks that they hold. This takes the global interpreter lock before a fork, and holds it until afterwards. Forks
/// that Python code announces are left to os.fork, which tells the interpreter itself; and after any os.fork the child is not
/// told again. Does nothing while there is no interpreter. Not together with a host that calls PyOS_BeforeFork by itself. Its
/// symbols are the host's, or libpython's; all of them are there in a stable-ABI extension.
class PythonInterpreter {
 public:
  /// Notices os.fork from now on, if the calling thread holds the interpreter lock.
  PythonInterpreter() noexcept;

  void before_fork();
  void after_fork_in_parent();
  /// Throws std::runtime_error where the fork was not announced and the forking thread did not hold the interpreter lock, or
  /// the import lock was held: the interpreter cannot be used in this child.
  void after_fork_in_child();

 private:
  /// Whether this object told the interpreter before the fork, and holds its lock.
  bool told_before_ = false;
  /// What PyGILState_Ensure returned.
  int lock_ = 0;
};

}  // namespace forksafe
