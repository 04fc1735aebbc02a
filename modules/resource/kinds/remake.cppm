// SPDX-License-Identifier: MIT
export module forksafe.resource:remake;

import forksafe.std;

export namespace forksafe {

/// Constructs a new object in the place of the old one, which is not destroyed: in a child its destructor could hang or
/// terminate (condition variables, threads), and no other thread uses it there.
template <std::default_initializable Object>
void remake(Object& object) noexcept(noexcept(Object{})) {
  std::construct_at(&object);
}

}  // namespace forksafe
