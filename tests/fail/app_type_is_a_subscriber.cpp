// SPDX-License-Identifier: MIT
// expect: TYPE of forksafe_add_app names the application, an alias of forksafe::ForkSafeApp<...>
import forksafe;
import forksafe.standalone;
import forksafe.standalone.binding;

struct Wrong {
  void operator()(forksafe::ApplicationPostFork const&) {}
};

int main(int argument_count, char** arguments) { return forksafe::standalone::run<Wrong>("wrong", argument_count, arguments); }
