// SPDX-License-Identifier: MIT
module;
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <string>
#include <utility>
module forksafe.standalone.binding;

import :conversation;
import forksafe.base;

namespace asio = boost::asio;

namespace forksafe::standalone {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr asio::use_awaitable_t<Executor> use_awaitable{};
constexpr auto as_tuple = asio::as_tuple(use_awaitable);
constexpr auto pause_without_means = 100ms;

using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

class Service final : public Answering {
 public:
  Service(WorkerContext const& context, StopRequest stop);
  /// Throws std::exception.
  void run();

 private:
  Response answer(Request const& request) override;
  bool is_leaving() const noexcept override { return leaving_; }
  Options const& options() const noexcept override { return *context_.options; }

  Awaitable<void> accept();
  Awaitable<void> await_stop();
  Awaitable<void> beat();
  /// One type of function for all tasks: Asio makes much of each.
  void spawn(Awaitable<void> task, std::function<void(std::exception_ptr const&)> when_done);
  bool welcome(Socket socket);
  void part_from(std::list<Conversation>::iterator conversation);
  void tell_of_limit();
  void start_draining();
  void end_if_done();

  WorkerContext const& context_;
  asio::io_context io_{1};
  Acceptor acceptor_{io_};
  StopRequest stop_request_;
  Descriptor stop_;
  Timer room_{io_};
  Timer grace_{io_};
  Timer end_{io_};
  Timer pulse_{io_};
  std::list<Conversation> conversations_{};
  std::size_t const most_connections_ = connection_limit();
  std::uint64_t answered_ = 0;
  std::exception_ptr failure_{};
  bool accepting_ = true;
  bool limit_told_ = false;
  bool leaving_ = false;
};

Service::Service(WorkerContext const& context, StopRequest stop)
    : context_(context), stop_request_(stop), stop_(io_, stop.descriptor) {
  Listener const& listener = *context.listener;
  acceptor_.assign(listener.family == AF_INET6 ? Tcp::v6() : Tcp::v4(), listener.descriptor);
  acceptor_.non_blocking(true);
}

void Service::run() {
  announce(context_);
  // If accept() ends with an exception, the worker exits: it would look ready and accept no connection.
  spawn(accept(), [this](std::exception_ptr const& thrown) {
    failure_ = thrown;
    accepting_ = false;
    thrown ? io_.stop() : end_if_done();
  });
  auto const fail = [this](std::exception_ptr const& thrown) {
    if (!thrown) return;
    failure_ = thrown;
    io_.stop();
  };
  spawn(await_stop(), fail);
  spawn(beat(), fail);
  io_.run();
  if (failure_) std::rethrow_exception(failure_);
}

void Service::spawn(Awaitable<void> task, std::function<void(std::exception_ptr const&)> when_done) {
  asio::co_spawn(io_, std::move(task), std::move(when_done));
}

Awaitable<void> Service::await_stop() {
  auto const [error] = co_await stop_.async_wait(Descriptor::wait_read, as_tuple);
  if (!error) start_draining();
}

Awaitable<void> Service::beat() {
  for (;;) {
    show_life(context_);
    pulse_.expires_after(pulse);
    co_await pulse_.async_wait(as_tuple);
  }
}

Awaitable<void> Service::accept() {
  bool complained = false;
  auto const pause = [this](auto duration) {
    room_.expires_after(duration);
    return room_.async_wait(as_tuple);
  };
  while (!leaving_) {
    if (conversations_.size() >= most_connections_) {
      tell_of_limit();
      co_await pause(1h);
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(as_tuple);
    if (!error) {
      complained = false;
      if (!welcome(std::move(socket))) co_await pause(pause_without_means);
      // A request that has arrived is answered before the next accept: an idle worker may take that connection.
      for (int turn = 0; turn != 8; ++turn) co_await asio::post(io_, use_awaitable);
    } else if (error == asio::error::operation_aborted) {
      co_return;
    } else if (error != asio::error::connection_aborted) {
      if (!complained)
        log_line(base::concat("cannot accept connections: ", error.message(), " - raise the limit on open files"));
      complained = true;
      co_await pause(pause_without_means);
    }
  }
}

void Service::tell_of_limit() {
  if (std::exchange(limit_told_, true)) return;
  log_line(base::concat("worker ", context_.process.slot.value_or(0), " has ", most_connections_,
                        " connections open, all that it may: further clients wait - raise the limit on open files (ulimit -n), "
                        "of which connections get one half, or start more workers with --workers"));
}

/// Returns false if there is not enough memory.
bool Service::welcome(Socket socket) try {
  conversations_.emplace_back(std::move(socket), *this);
  auto const conversation = std::prev(conversations_.end());
  try {
    spawn(conversation->hold(), [this, conversation](std::exception_ptr const& thrown) {
      if (thrown) log_line("a connection was dropped for want of memory");
      part_from(conversation);
    });
  } catch (...) {
    conversations_.erase(conversation);
    throw;
  }
  return true;
} catch (std::exception const&) {
  log_line("a connection was dropped for want of memory");
  return false;
}

void Service::part_from(std::list<Conversation>::iterator conversation) {
  conversations_.erase(conversation);
  room_.cancel();
  end_if_done();
}

Response Service::answer(Request const& request) {
  context_.notice->busy_since = Clock::now().time_since_epoch().count();
  Response response = context_.hosted->handle(request);
  context_.notice->busy_since = 0;
  if (++answered_ == options().max_requests) {
    context_.notice->leaving = true;
    wake_master(context_);
    start_draining();
  }
  if (stop_request_.made()) start_draining();
  return response;
}

/// Begins to drain: accepts what waits in the backlog, closes the socket, and finishes the requests that have begun.
void Service::start_draining() {
  if (std::exchange(leaving_, true)) return;
  error_code error;
  while (conversations_.size() < most_connections_) {
    Socket socket = acceptor_.accept(error);
    if (error) break;
    welcome(std::move(socket));
  }
  acceptor_.close(error);
  room_.cancel();
  grace_.expires_after(last_request_grace);
  grace_.async_wait([this](error_code) {
    for (Conversation& conversation : conversations_) conversation.end_if_idle();
  });
  end_.expires_after(options().drain);
  end_.async_wait([this](error_code) { io_.stop(); });
  end_if_done();
}

/// Waits for accept() to end too: a connection may be accepted before its coroutine resumes.
void Service::end_if_done() {
  if (leaving_ && !accepting_ && conversations_.empty()) io_.stop();
}

}  // namespace

void serve(WorkerContext const& context, StopRequest stop) { Service{context, stop}.run(); }

}  // namespace forksafe::standalone
