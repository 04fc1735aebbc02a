// SPDX-License-Identifier: MIT
/// The bridge to a Python host, shared by the containers that run Python: built against the stable ABI of CPython 3.9 and
/// later, in the presets of those containers only.
export module forksafe.cpython;

// each part may import: forksafe, forksafe.policy
// references and conversions
export import :object;
// the lock, and the interpreters of one process
export import :interpreter;
// which callables can hear events
export import :callable;  // object
// the method table, generated from a policy's wiring
export import :table;
// what each container adds to an extension of several
export import :part;  // object
// Python callables that hear events
export import :subscribers;  // interpreter, object
