// SPDX-License-Identifier: MIT
export module forksafe.resource:remake;

import forksafe.std;

export namespace forksafe {

/// Constructs an object anew in its place without destroying it first: in a child its destructor could hang or
/// terminate (condition variables, threads), and nobody else uses it there.
template <std::default_initializable Object>
void remake(Object& object) noexcept(noexcept(Object{})) {
  std::construct_at(&object);
}

}  // namespace forksafe
