// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstdio>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

import forksafe;
import batch.policy;

namespace {

/// Each job draws a number; without the event all jobs would draw the same.
struct Dice {
  void operator()(forksafe::ApplicationPostFork const&) { engine.seed(std::random_device{}()); }
  static inline std::mt19937 engine{6};
};

using Batch = forksafe::ForkSafeApp<batch::BatchPolicy, Dice>;
static_assert(Batch::report.status == "Batch hook configured");

/// The binding: what the container does turns into events, each from the hook that the wiring names.
void run_job(Batch& app, int number) {
  forksafe::ChildOccurrence job;
  job.process.role = forksafe::Role::master;
  job.child = {forksafe::Role::worker, 0, ::getpid(), number, 1};
  app.emit<"before_job">(forksafe::ApplicationPreFork{job});
  pid_t const child = ::fork();
  if (child == 0) {
    forksafe::ApplicationPostFork event;
    event.process = job.child;
    event.forked = true;
    app.emit<"in_job">(event);
    std::printf("job %d drew %lu\n", number, static_cast<unsigned long>(Dice::engine()));
    std::fflush(stdout);
    ::_exit(0);
  }
  job.child.pid = child;
  if (child < 0) {
    app.emit<"job_not_started">(forksafe::ApplicationForkFailed{job, errno});
    return;
  }
  app.emit<"after_job_started">(forksafe::ApplicationPostForkParent{job});
  int status = 0;
  ::waitpid(child, &status, 0);
  app.emit<"job_done">(forksafe::ApplicationWorkerReaped{job, status});
}

}  // namespace

int main() {
  auto& app = *new Batch{"dice"};
  app.mark_configured();
  for (int number = 1; number <= 3; ++number) run_job(app, number);
  std::fputs(forksafe::to_text(app.debug()).c_str(), stdout);
}
