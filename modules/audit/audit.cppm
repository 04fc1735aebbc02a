// SPDX-License-Identifier: MIT
/// What unsafe things crossed a fork? Imports nothing but forksafe.generation, and needs no library.
export module forksafe.audit;

export import :declare;
export import :notes;  // declare
