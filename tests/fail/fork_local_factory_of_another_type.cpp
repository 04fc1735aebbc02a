// SPDX-License-Identifier: MIT
// expect: say how each process makes its own
import forksafe;

struct Session {};
struct MakeNumber {
  int operator()() const { return 1; }
};

forksafe::ForkLocal<Session, MakeNumber> session;
