// SPDX-License-Identifier: MIT
/// Describes a container while compiling: the vocabulary that a policy is written in. Constants only, no bodies; imports no
/// module of forksafe, and stands on the standard library alone.
export module forksafe.policy;

// what is said, and how a mistake is answered
export import :diagnostic;
export import :process;
export import :event;       // process
export import :event_list;  // diagnostic, event
// a container
export import :wiring;  // event_list, process
export import :audit_profile;
export import :leaving;
export import :container_policy;  // diagnostic, event, event_list, leaving, process, wiring
export import :auto_policy;       // container_policy, diagnostic, event_list, leaving, wiring
