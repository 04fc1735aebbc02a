// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstdio>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

import forksafe;
import forksafe.binding;
import batch.policy;

namespace {

/// Each job draws a number; without the event all jobs would draw the same.
struct Dice {
  void operator()(forksafe::ApplicationPostFork const&) { engine.seed(std::random_device{}()); }
  static inline std::mt19937 engine{6};
};

using Batch = forksafe::ForkSafeApp<batch::BatchPolicy, Dice>;
static_assert(Batch::report.status == "Batch hook configured");

using forksafe::binding::Single;

/// All that the binding raises: the compiler compares it with the policy's wiring, both ways.
using Raises = forksafe::binding::Raises<
    batch::BatchPolicy, Single<"before_job", forksafe::ApplicationPreFork>,
    Single<"job_not_started", forksafe::ApplicationForkFailed>, Single<"in_job", forksafe::ApplicationPostFork>,
    Single<"after_job_started", forksafe::ApplicationPostForkParent>, Single<"job_done", forksafe::ApplicationWorkerReaped>>;
static_assert(forksafe::binding::CompleteBinding<Raises>);

/// The binding: what the container does turns into events, each from the hook that the wiring names.
void run_job(Batch& app, int number) {
  forksafe::binding::Facts job{.process = {.role = forksafe::Role::master},
                               .child = {forksafe::Role::task, 0, ::getpid(), number, 1}};
  Raises::raise<"before_job", forksafe::ApplicationPreFork>(app, job);
  pid_t const child = ::fork();
  if (child == 0) {
    Raises::raise<"in_job", forksafe::ApplicationPostFork>(app, {.process = job.child, .forked = true});
    std::printf("job %d drew %lu\n", number, static_cast<unsigned long>(Dice::engine()));
    std::fflush(stdout);
    ::_exit(0);
  }
  job.child.pid = child;
  if (child < 0) {
    job.error = errno;
    Raises::raise<"job_not_started", forksafe::ApplicationForkFailed>(app, job);
    return;
  }
  Raises::raise<"after_job_started", forksafe::ApplicationPostForkParent>(app, job);
  int status = 0;
  ::waitpid(child, &status, 0);
  job.status = status;
  Raises::raise<"job_done", forksafe::ApplicationWorkerReaped>(app, job);
}

}  // namespace

int main() {
  auto& app = *new Batch{"dice"};
  app.mark_configured();
  for (int number = 1; number <= 3; ++number) run_job(app, number);
  std::fputs(forksafe::to_text(app.debug()).c_str(), stdout);
}
