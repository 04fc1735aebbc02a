// SPDX-License-Identifier: MIT
/// For the unit tests of an application: a container that raises the events of the application's policy in processes that are
/// really forked, and reports what each subscriber heard, in which order and with what outcome.
///
///     forksafe::testing::Container<shop::Shop> container{"shop"};
///     container.start();
///     auto worker = container.fork([] { return draw(); });
///     auto const end = container.reap(worker);
///
/// Imports no test framework.
export module forksafe.testing;

// each part may import: forksafe, forksafe.policy
// a forked process and how it ended
export import :child;
// what subscribers heard
export import :calls;
// a request as a container hands it over
export import :request;
// the container
export import :container;  // calls, child; forksafe.binding
