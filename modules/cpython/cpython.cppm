// SPDX-License-Identifier: MIT
/// The bridge to a Python host, shared by the containers that run Python: built against the stable ABI of CPython 3.9 and
/// later, in the presets of those containers only.
export module forksafe.cpython;

export import :object;       // references, conversions
export import :interpreter;  // the lock, and the interpreters of one process
export import :callable;     // object: which callables can hear events
export import :table;        // the method table, generated from a policy's wiring
export import :part;         // object: what each container adds to an extension of several
export import :subscribers;  // object, interpreter, callable: Python callables that hear events
