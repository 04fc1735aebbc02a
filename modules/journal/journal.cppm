// SPDX-License-Identifier: MIT
/// Records what the processes of one server have done, in memory that all of them share: mapped before the first fork, of a
/// fixed size, without locks. A process that is killed, at whatever instruction, stops no other one, and readers tell what it
/// left half-written from what is whole.
///
/// | part      | holds                                             | when it is full                      |
/// |-----------|---------------------------------------------------|--------------------------------------|
/// | ring      | each call of a subscriber: when, who, what, how   | the oldest record goes first, counted |
/// | processes | each process: who it is, how often it heard what  | the oldest dead process goes first    |
///
/// Depends on no other module but forksafe.base: the process numbers, roles and events are its user's.
export module forksafe.journal;

export import :record;
export import :clock;           // record
export import :ring;            // record
export import :process_table;   // clock, record
export import :shared_journal;  // clock, process_table, record, ring; forksafe.base
