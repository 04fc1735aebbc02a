// SPDX-License-Identifier: MIT
// expect: say how a child drops it without a word to the peer
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Session {
  using Handle = int;
  int open() { return 0; }
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::DropAndReopen<Session>>;
static_assert(App::report.subscribers.size() == 1);
