// SPDX-License-Identifier: MIT
/// What unsafe things crossed a fork? Imports nothing but forksafe.base, forksafe.generation and forksafe.policy, and needs
/// no library.
///
/// Before a fork an inventory is taken; the child, once it has come to its work, compares. It finds threads that are
/// lost, open files and memory that are shared, locks whose holder is gone, random state and buffered output that are there twice,
/// signals that it can't take, and forks that no handler saw.
export module forksafe.audit;

// what users touch
export import :allow;
export import :declare;
export import :finding;
// seen: what is looked at
export import :proc;
export import :kind;       // finding; forksafe.policy
export import :notes;      // declare
export import :inventory;  // finding, kind, notes, proc
// compare: the inventory of before the fork with what the child has
export import :run;         // finding, kind
export import :comparison;  // finding, inventory, kind, notes
