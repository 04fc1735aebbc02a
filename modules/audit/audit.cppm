// SPDX-License-Identifier: MIT
/// Finds unsafe things that crossed a fork. Imports nothing but forksafe.base, forksafe.generation and forksafe.policy, and
/// needs no library.
///
/// An inventory is taken before a fork, and the child compares once it has come to its work. It finds threads that are lost,
/// open files and memory that are shared, locks whose holder is gone, random state and buffered output that exist twice,
/// signals that it cannot take, and forks that no handler saw.
export module forksafe.audit;

// what users touch
export import :allow;
export import :declare;
export import :finding;
// seen: what is looked at
export import :proc;
export import :kind;          // finding; forksafe.policy
export import :declarations;  // declare
export import :inventory;     // declarations, finding, kind, proc
// compare: the inventory of before the fork with what the child has
export import :run;         // finding, kind
export import :fork_audit;  // declarations, finding, inventory, kind
