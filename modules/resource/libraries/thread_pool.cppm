// SPDX-License-Identifier: MIT
module;
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
export module forksafe.resource.thread_pool;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of StopRestart: threads that run what is posted to them. Like boost::asio::thread_pool, which cannot be started again
/// once it was stopped.
///
/// Around a fork each thread ends what it is running; queued tasks stay in the parent, and go on there. A child begins with an
/// empty queue and leaks the parent's. Derive to choose: `struct Mailer : ThreadPool { Mailer() : ThreadPool{2} {} };` A task
/// that throws terminates the process, as a thread does.
class ThreadPool {
 public:
  explicit ThreadPool(std::size_t threads = 1) : size_(threads) {}

  /// To be called between start() and discard() only: StopRestart's get() sees to that.
  [[nodiscard]] boost::asio::io_context::executor_type executor() noexcept { return state_.find()->context.get_executor(); }
  /// Queues a task, from any thread.
  template <class Task>
  void post(Task&& task) {
    boost::asio::post(executor(), std::forward<Task>(task));
  }

  void start();
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point until);
  void discard() noexcept { state_.abandon(); }

 private:
  struct State {
    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    /// The threads of this round, and those of earlier ones that did not end in time.
    std::vector<std::thread> threads;
    /// A thread runs as long as its round lasts.
    std::atomic<std::uint64_t> round = 0;
  };

  void end_round(std::size_t threads);

  std::size_t size_;
  ForkOwned<State> state_;
};

}  // namespace forksafe
