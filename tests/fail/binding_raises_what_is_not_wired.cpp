// SPDX-License-Identifier: MIT
// expect: the binding raises an event from a hook that its policy's wiring does not list
import forksafe;
import forksafe.binding;
import toy;

using Raises = forksafe::binding::Raises<toy::ToyPolicy, forksafe::binding::Single<"child", forksafe::ApplicationWorkerExit>>;

Raises const raises;
