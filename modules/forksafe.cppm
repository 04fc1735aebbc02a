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
export import :settings;  // forksafe.base
export import :request;
export import :response;
export import :handler;  // request, response
// component: who listens, decided while compiling
export import :name;
export import :subscriber;  // name
export import :declared;    // request
export import :listed;      // declared, handler, request, subscriber
// report: what is shown
export import :report;  // subscriber; forksafe.audit
export import :view;    // report; forksafe.audit
// application: what its author is given
export import :registry;     // name, settings
export import :traits;       // report, subscriber; forksafe.audit
export import :inheritance;  // report, settings
// report again: what is shown of the journal
export import :history;  // report
// delivery: one event on its way
export import :late;      // report, subscriber
export import :failures;  // report
export import :deadline;
export import :context;   // deadline, failures, inheritance, late, registry, report, subscriber, traits
export import :delivery;  // context, late, subscriber; forksafe.base
// application again: for its author, and for its container's binding
export import :application;  // context, delivery, late, registry, report, subscriber, traits
export import :hosted;       // application, context, late, request, response, subscriber, traits
import :gate;
// all of it together
export import :tables;         // application, handler, listed, registry, report, subscriber
export import :fork_safe_app;  // application, delivery, gate, handler, hosted, late, listed, registry, report, request,
                               // response, subscriber, tables
