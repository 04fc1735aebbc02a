// SPDX-License-Identifier: MIT
/// What unsafe things crossed a fork? Imports nothing but forksafe.generation, and needs no library.
///
/// Before a fork an inventory is taken; the child, once it has come to its work, compares. It finds threads that are
/// lost, open files and memory that are shared, locks whose holder is gone, random state and buffered output that are there twice,
/// signals that it can't take, and forks that no handler saw.
export module forksafe.audit;

// tier 0
export import :allow;
export import :declare;
export import :finding;
export import :proc;
// tier 1
export import :kind;  // finding
export import :notes;  // declare
// tier 2
export import :inventory;  // finding, kind, notes, proc
export import :run;  // finding, kind
// tier 3
export import :comparison;  // finding, inventory, kind, notes
