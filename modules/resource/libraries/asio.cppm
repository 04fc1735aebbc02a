// SPDX-License-Identifier: MIT
module;
#include <boost/asio/io_context.hpp>
export module forksafe.resource.asio;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of NotifyBothSides: a Boost.Asio io_context that is used on both sides of a fork, with its timers, sockets,
/// signal sets and resolvers.
///
/// No thread may be in `run` during the fork: stop the threads that are with StopRestart, which is earlier. The child shares
/// the parent's sockets. Before it runs the context, it must close those it does not want; to close one sends no goodbye, but
/// `shutdown` does. After an unannounced fork, get() gives the child its own signals; those that came before went to the
/// parent. Asynchronous lookups of inherited resolvers never end there: Asio waits for the thread that looked up, which the
/// child does not have and cannot replace (1.81). `resolve` looks up in the calling thread and serves everywhere; post it to a
/// ThreadPool.
class IoContext {
 public:
  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

  void before_fork() { context_.notify_fork(boost::asio::execution_context::fork_prepare); }
  void after_fork_in_parent() { context_.notify_fork(boost::asio::execution_context::fork_parent); }
  void after_fork_in_child();

 private:
  boost::asio::io_context context_;
};

}  // namespace forksafe
