// SPDX-License-Identifier: MIT
/// Building blocks for what does not survive a fork. Each kind is a subscriber that knows its phase; a small traits type tells
/// it what to do with one library's objects.
///
/// | kind             | before the fork     | in the parent  | in the child                               |
/// |------------------|---------------------|----------------|--------------------------------------------|
/// | DropAndReopen    | vetoes if in use    | nothing        | forgets the handle, reopens at the next use |
/// | StopRestart      | stops the threads   | starts them    | discards their work, starts them as chosen  |
/// | Reseed           | nothing             | nothing        | new random state                            |
/// | HoldLock         | takes the locks     | releases them  | constructs them again in place              |
/// | NotifyBothSides  | tells the library   | tells it       | tells it                                    |
/// | NotifyChildOnly  | nothing             | nothing        | tells the library                           |
/// | NeverTouch       | nothing             | nothing        | leaks the object, refuses its use           |
/// | PreForkOnly      | makes it clean      | nothing        | nothing                                     |
/// | Inherit          | declares it shared  | nothing        | declares it shared                          |
export module forksafe.resource;

// each part may import: forksafe, forksafe.audit, forksafe.policy
export import :veto;
export import :remake;
export import :waiting;
export import :signal_hold;
export import :open_file;
export import :traits;
export import :resource;  // traits, veto, waiting
export import :fork_owned;
export import :peer;
export import :detach;   // fork_owned, open_file, resource, traits, veto
export import :inherit;  // resource
export import :locks;    // resource, traits, veto, waiting
export import :notify;   // resource, signal_hold, traits
export import :reseed;   // resource
export import :threads;  // resource, traits, veto, waiting
