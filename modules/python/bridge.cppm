// SPDX-License-Identifier: MIT
/// The bridge to a Python host, shared by the containers that run Python: built against the stable ABI of CPython 3.9 and
/// later, in the presets of those containers only.
export module forksafe.bridge;

export import :object;       // references, conversions
export import :table;        // the method table, generated from a policy's wiring
export import :part;         // object: what each container adds to an extension of several
export import :subscribers;  // object: Python callables that hear events
