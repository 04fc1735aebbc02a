// SPDX-License-Identifier: MIT
export module forksafe;

export import forksafe.generation;  // stands alone
export import forksafe.journal;     // stands alone

// tier 0
export import :diagnostic;
export import :process;
export import :log;
export import :redact;
export import :name;      // forksafe.journal
// tier 1
export import :event;     // process, diagnostic
export import :start_limit;     // forksafe.journal; nothing of it leaves the module
export import :http;      // diagnostic
export import :settings;
export import :report;      // Hana itself stays inside
// tier 2
export import :policy;    // event, diagnostic
export import :registry;  // name, settings
export import :declared;  // event, http; nothing of it leaves the module
export import :view;    // report
export import :failures;    // report; nothing of it leaves the module
// tier 3
export import :subscriber;  // event, name, policy, diagnostic
export import :auto_policy;      // event, policy, diagnostic
export import :traits;      // report, policy, subscriber; forksafe.audit
// tier 4
export import :subscription;  // event, diagnostic, subscriber
export import :listed;        // declared, event, http, policy, diagnostic, subscriber; forksafe.journal
export import :deadline;      // nothing of it leaves the module
export import :history;       // report; forksafe.journal; nothing of it leaves the module
// tier 5
export import :application;  // event, report, http, failures, name, policy, process, registry, start_limit, subscriber, subscription, traits;
                             // forksafe.journal
// tier 6
export import :tables;  // application, event, report, http, listed, policy, registry, subscriber
// tier 7
export import :fork_safe_app;  // all of the above
