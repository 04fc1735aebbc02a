// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.gunicorn.binding:arbiter;

import forksafe;
import forksafe.cpython;
import forksafe.std;

namespace forksafe::gunicorn {

using namespace python;

/// The locals of the arbiter's function `spawn_worker`, which calls os.fork and in the child runs the worker until its exit
/// (gunicorn 20.1 and 27.0, Arbiter.spawn_worker).
struct Spawn {
  Reference server{};
  Reference worker{};
};

/// Returns, in a handler of os.register_at_fork, the spawn whose os.fork the calling thread runs; nothing in another fork, as
/// that of a subprocess in a hook.
[[nodiscard]] std::optional<Spawn> forking() noexcept;

/// Returns the spawn that made this process: that of the calling thread, else that of any thread.
[[nodiscard]] std::optional<Spawn> spawned() noexcept;

/// Whether the hook of this name is gunicorn's default.
[[nodiscard]] bool is_default_hook(PyObject* configuration, char const* hook) noexcept;

/// Whether the hook of this name may call a hook of the module `own` or of the package forksafe. False only if it names nothing
/// from them.
[[nodiscard]] bool may_call(PyObject* configuration, char const* hook, std::string_view own) noexcept;

/// Returns the text of SERVER_SOFTWARE: `gunicorn 27.0.1`.
[[nodiscard]] std::string software();

/// Whether gunicorn's arbiter was imported in this process.
[[nodiscard]] bool has_arbiter() noexcept;

}  // namespace forksafe::gunicorn
