// SPDX-License-Identifier: MIT
export module core;

import forksafe;
import forksafe.uwsgi;

export namespace core {

struct Counter {
  void operator()(forksafe::ApplicationPostFork const&) { ++heard; }
  int heard = 0;
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Counter>;

}  // namespace core
