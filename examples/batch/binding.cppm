// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
export module forksafe.batch.binding;

import forksafe;
import forksafe.batch;
import forksafe.binding;

namespace forksafe::batch {

/// The request with which each job asks the application.
struct Job final : RequestSource {
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return "/"; }
  std::string_view path() override { return "/"; }
  std::string_view query() override { return ""; }
  std::string_view header(std::string_view) override { return ""; }
  std::span<HeaderView const> headers() override { return {}; }
  std::string_view body() override { return ""; }
  std::string_view peer() override { return ""; }
};

using binding::Single;

/// All that the binding raises: the compiler compares it with the policy's wiring, both ways.
using Raises =
    binding::Raises<BatchPolicy, Single<"before_job", ApplicationPreFork>, Single<"job_not_started", ApplicationForkFailed>,
                    Single<"in_job", ApplicationPostFork>, Single<"after_job_started", ApplicationPostForkParent>,
                    Single<"job_done", ApplicationWorkerReaped>>;
static_assert(binding::CompleteBinding<Raises>);

/// The binding: what the container does turns into events, each from the hook that the wiring names.
template <class App>
void run_job(App& app, int number) {
  binding::Facts job{.process = {.role = Role::master}, .child = {Role::task, 0, ::getpid(), number, 1}};
  Raises::raise<"before_job", ApplicationPreFork>(app, job);
  pid_t const child = ::fork();
  if (child == 0) {
    Raises::raise<"in_job", ApplicationPostFork>(app, {.process = job.child, .forked = true});
    Job request;
    std::printf("job %d %s\n", number, app.handle(Request{request}).body.c_str());
    std::fflush(stdout);
    ::_exit(0);
  }
  job.child.pid = child;
  if (child < 0) {
    job.error = errno;
    Raises::raise<"job_not_started", ApplicationForkFailed>(app, job);
    return;
  }
  Raises::raise<"after_job_started", ApplicationPostForkParent>(app, job);
  int status = 0;
  ::waitpid(child, &status, 0);
  job.status = status;
  Raises::raise<"job_done", ApplicationWorkerReaped>(app, job);
}

}  // namespace forksafe::batch

export namespace forksafe::batch {

/// The whole program: runs three jobs, prints the debug object, and returns the exit status.
template <RunnableApp App>
int run(std::string_view name) {
  auto& app = *new App{name};
  app.mark_configured();
  app.load();
  for (int number = 1; number <= 3; ++number) run_job(app, number);
  std::fputs(to_text(app.debug()).c_str(), stdout);
  return 0;
}

}  // namespace forksafe::batch
