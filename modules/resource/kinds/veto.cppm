// SPDX-License-Identifier: MIT
export module forksafe.resource:veto;

import forksafe.std;

export namespace forksafe {

/// What veto() throws.
class Veto : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// For traits, before the fork: it is not safe now, because of `reason`. Never returns.
///
/// No container lets a hook forbid a fork. What a veto does: it is logged and recorded as the resource's failure in the
/// parent; the child fails its ApplicationPostFork, so that with Failure::closed it does not serve, leaves, and is
/// forked again after a delay, and with Failure::open it serves and is recorded. Whatever else traits throw before the
/// fork has the same effect.
[[noreturn]] void veto(std::string_view reason);

}  // namespace forksafe
