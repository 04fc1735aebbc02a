// SPDX-License-Identifier: MIT
module;
#include <boost/asio/detail/signal_set_service.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
module forksafe.resource.asio;

import forksafe;

namespace forksafe {
namespace {

/// The process that has given itself signals last. All contexts of a process share them.
constinit std::uint64_t signals_remade_in = 0;

/// Asio hears of a signal by a pipe, and gives a child another one only if it was told before the fork. The new one takes
/// over the numbers, so that every context finds it where the old one was.
void replace_signal_pipe() {
  auto const& state = *boost::asio::detail::get_signal_state();
  if (state.fork_prepared_ || state.read_descriptor_ < 0 || signals_remade_in == generation()) return;
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "pipe2"};
  ::dup3(ends[0], state.read_descriptor_, O_CLOEXEC);
  ::dup3(ends[1], state.write_descriptor_, O_CLOEXEC);
  for (int const end : ends) ::close(end);
  signals_remade_in = generation();
}

}  // namespace

void IoContext::after_fork_in_child() {
  replace_signal_pipe();
  context_.notify_fork(boost::asio::execution_context::fork_child);
}

}  // namespace forksafe
