// SPDX-License-Identifier: MIT
export module forksafe;

export import forksafe.generation;  // stands alone
export import forksafe.journal;     // stands alone

// tier 0
export import :reason;
export import :process;
export import :log;
export import :redact;
// tier 1
export import :event;     // process, reason
export import :start;     // forksafe.journal; nothing of it leaves the module
export import :http;      // reason
export import :settings;
export import :hana;      // Hana itself stays inside
// tier 2
export import :policy;    // event, reason
export import :registry;  // settings
export import :report;    // hana
// tier 3
export import :subscriber;  // event, http, policy, reason
export import :choice;      // event, policy, reason
// tier 4
export import :application;  // event, hana, http, policy, process, registry, subscriber; forksafe.journal
export import :deadline;     // nothing of it leaves the module
export import :history;      // hana; forksafe.journal; nothing of it leaves the module
// tier 5
export import :components;  // application, event, hana, http, policy, registry, subscriber
// tier 6
export import :app;  // all of the above
