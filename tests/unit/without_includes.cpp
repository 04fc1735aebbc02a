// SPDX-License-Identifier: MIT
// Compiles: what forksafe hands out can be copied and filled in a unit that includes nothing.
import forksafe;
import forksafe.journal;
import forksafe.policy;
import toy;

namespace without_includes {

struct Pages {
  void operator()(forksafe::ApplicationPostFork const&) {}
  forksafe::Response handle(forksafe::Request const& request) {
    forksafe::Response answer{200, {{"Content-Type", "text/plain"}}, "x"};
    answer.headers.emplace_back("X-Path", request.path());
    answer.headers.push_back({"X-One", "more"});
    forksafe::Response copy = answer;
    return copy;
  }
};

using App = forksafe::ForkSafeApp<toy::ToyPolicy, forksafe::Serialised<Pages>>;

App& make() {
  auto& app = *new App{"without includes"};
  app.subscribe<forksafe::ApplicationPostFork>([](forksafe::ApplicationPostFork const&) {});
  forksafe::DebugObject debug = app.debug();
  debug.autoconfigure_log.push_back(debug.status);
  debug.processes.insert(debug.processes.end(), forksafe::ProcessRow{});
  return app;
}

}  // namespace without_includes
