// SPDX-License-Identifier: MIT
export module forksafe;

export import forksafe.generation;  // stands alone
export import forksafe.journal;     // stands alone

// tier 0
export import :reason;
export import :process;
export import :log;
export import :redact;
export import :name;      // forksafe.journal
// tier 1
export import :event;     // process, reason
export import :start;     // forksafe.journal; nothing of it leaves the module
export import :http;      // reason
export import :settings;
export import :hana;      // Hana itself stays inside
// tier 2
export import :policy;    // event, reason
export import :registry;  // name, settings
export import :declared;  // event, http; nothing of it leaves the module
export import :report;    // hana
export import :memory;    // hana; nothing of it leaves the module
// tier 3
export import :subscriber;  // event, name, policy, reason
export import :choice;      // event, policy, reason
export import :traits;      // hana, policy, subscriber; forksafe.audit
// tier 4
export import :subscription;  // event, reason, subscriber
export import :listed;        // declared, event, http, policy, reason, subscriber; forksafe.journal
export import :deadline;      // nothing of it leaves the module
export import :history;       // hana; forksafe.journal; nothing of it leaves the module
// tier 5
export import :application;  // event, hana, http, memory, name, policy, process, registry, start, subscriber, subscription, traits;
                             // forksafe.journal
// tier 6
export import :components;  // application, event, hana, http, listed, policy, registry, subscriber
// tier 7
export import :app;  // all of the above
