// SPDX-License-Identifier: MIT
// expect: declare `void operator\(\)`: what it returns is dropped, and a coroutine would never run
#include <coroutine>
import forksafe;
import forksafe.uwsgi;

struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
struct Wrong {
  Task operator()(forksafe::ApplicationPostFork const&) { co_return; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
