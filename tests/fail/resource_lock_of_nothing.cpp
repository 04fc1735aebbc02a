// SPDX-License-Identifier: MIT
// expect: name a lock: `&mutex` of static storage, or a function that returns a reference to one
import forksafe;
import forksafe.resource.locks;
import forksafe.standalone;

int counter = 0;

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::HoldLock<forksafe::LockAt<&counter>>>;
static_assert(App::report.subscribers.size() == 1);
