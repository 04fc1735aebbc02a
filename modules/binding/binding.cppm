// SPDX-License-Identifier: MIT
/// The kit for bindings: raises the events that the wiring assigns to a hook, once the container has called it.
///
/// A binding lists what it raises in a `Raises`, its only means to raise: a hook that the policy's wiring does not name cannot
/// be raised, and a row of the wiring that the list leaves out does not compile.
export module forksafe.binding;

// each part may import: forksafe, forksafe.policy
// what the call of a hook tells
export import :facts;
// which rows a binding raises, and raising them
export import :raises;  // facts
// an application whose type is erased, for a binding's bodies
export import :hosted;  // facts, raises
// numbers of workers
export import :slots;
