// SPDX-License-Identifier: MIT
/// The front door: all that the author of an application imports. Below, room by room, each part with what it stands on.
export module forksafe;

export import forksafe.policy;      // stands alone
export import forksafe.generation;  // stands alone
export import forksafe.journal;     // stands alone

// each part may import: forksafe.journal, forksafe.policy

// base: one line of the log, with its secrets hidden
export import :log;
export import :redact;
// settings, http: what a container hands over
export import :settings;
export import :http;
// component: who listens, decided while compiling
export import :name;
export import :subscriber;  // name
export import :declared;    // http
export import :listed;      // declared, http, subscriber
// report: what is shown
export import :report;
export import :view;  // report
// application: what its author is given
export import :registry;      // name, settings
export import :traits;        // report, subscriber; forksafe.audit
export import :subscription;  // subscriber
// report again: what is shown of the journal
export import :history;  // report
// delivery: one event on its way
export import :failures;     // report
export import :start_limit;
export import :deadline;
export import :application;  // failures, http, name, registry, report, start_limit, subscriber, subscription, traits; forksafe.audit
// all of it together
export import :tables;         // application, http, listed, registry, report, subscriber
export import :fork_safe_app;  // application, http, listed, registry, report, subscriber, subscription, tables; forksafe.audit
