// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.cpython:part;

import forksafe;
import forksafe.std;
import :object;

export namespace forksafe::python {

/// The part that one container adds to an extension that several containers load: specialised in the container's binding.
///
/// `make` returns a new module object with the methods that the container calls, bound to the application. None of its
/// events is raised before one of these methods has been called and has chosen the container.
template <class App, class Policy>
struct Part;

/// Sets the RuntimeError of a process that turned out to run in another container than before.
void refuse_choice(std::string_view wanted, DebugObject const& debug) noexcept;

/// Chooses this container, where the application's policy is an AutoPolicy. Returns false, with an error that names both, where
/// another one was chosen before.
template <class App, ContainerPolicy Policy>
bool choose(App& application) noexcept {
  if constexpr (requires { application.template choose<Policy>(); }) {
    if (!application.template choose<Policy>()) {
      refuse_choice(Policy::environment, application.debug());
      return false;
    }
  }
  return true;
}

}  // namespace forksafe::python
