// SPDX-License-Identifier: MIT
// expect: say how each process makes its own
import forksafe;

struct Session {
  explicit Session(int) {}
};

forksafe::ForkLocal<Session> session;
