// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <sys/socket.h>
module forksafe.audit;

import forksafe.std.operators;

namespace forksafe {
namespace {

using enum Severity;

/// The signals by which a worker is stopped, reloaded, woken, and told of its children.
constexpr int governing[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM};

bool stops(int signal) noexcept { return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT; }

void append(std::string& list, std::string_view one) { (list += list.empty() ? "" : ", ") += one; }

SeenMapping const* mapping_at(std::vector<SeenMapping> const& mappings, std::uintptr_t address) {
  auto const found =
      std::ranges::find_if(mappings, [&](SeenMapping const& one) { return address >= one.begin && address < one.end; });
  return found == mappings.end() ? nullptr : &*found;
}

bool is_stream(int socket) noexcept {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && (type == SOCK_STREAM || type == SOCK_SEQPACKET);
}

}  // namespace

bool ForkAudit::allowed_signal(std::string_view what, int signal) {
  std::string_view const reason = reason_to_allow(AllowedThing::signal, name_of_signal(signal));
  if (reason.empty()) return false;
  allow(std::string{what} + name_of_signal(signal), reason);
  return true;
}

void ForkAudit::find_inherited_signals(sigset_t const* waits_with) {
  SeenSignals const now = look_at_signals();
  find_blocked_signals(waits_with == nullptr ? now.blocked : *waits_with);
  // Not dladdr: a thread that the child does not have may hold the loader's lock.
  std::vector<SeenMapping> const code = executable_mappings();
  // Where /proc shows no code, nothing can be compared.
  if (!code.empty()) find_unloaded_handlers(code);
  find_stopped_timers(now, code);
  find_fatal_pipe_signal(now);
}

void ForkAudit::find_blocked_signals(sigset_t const& blocked) {
  std::uint64_t const taken = signals_taken_elsewhere();
  std::string names;
  Severity severity = warning;
  for (int const signal : governing) {
    bool const inherited = ::sigismember(&blocked, signal) == 1 && ::sigismember(&inventory_.signals.blocked, signal) == 1;
    // The process that started this one with signals blocked knows why.
    if (!inherited || ::sigismember(&baseline_.signals.blocked, signal) == 1 || (taken >> (signal - 1) & 1) != 0) continue;
    if (allowed_signal("blocked ", signal)) continue;
    append(names, name_of_signal(signal));
    if (stops(signal)) severity = error;
  }
  if (names.empty()) return;
  add({severity, Hazard::signals_inherited, "blocked " + names,
       "the thread that forked had blocked what no thread of the child takes",
       "the child is deaf to what it is governed by: whoever waits for its answer has to kill it",
       "pthread_sigmask() in ApplicationPostFork, or before the fork"});
}

void ForkAudit::find_unloaded_handlers(std::vector<SeenMapping> const& code) {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    std::uintptr_t const handler = find_handler(signal);
    if (handler == 0 || mapping_at(code, handler) != nullptr || allowed_signal("handler of ", signal)) continue;
    char address[2 * sizeof handler + 1]{};
    std::to_chars(address, std::end(address), handler, 16);
    add({error, Hazard::signals_inherited, "handler of " + name_of_signal(signal),
         "at 0x" + std::string{address} + ", where no code is mapped any more",
         "what had set it was unloaded: the next signal of this kind ends the process",
         "the former handler, set before the library is unloaded"});
  }
}

void ForkAudit::find_stopped_timers(SeenSignals const& now, std::vector<SeenMapping> const& code) {
  for (std::size_t index = 0; index != std::size(interval_timers); ++index) {
    int const signal = interval_timers[index].signal;
    std::uintptr_t const handler = inventory_.signals.ticking[index];
    if (handler == 0 || handler == baseline_.signals.ticking[index] || now.ticking[index] != 0) continue;
    if (find_handler(signal) != handler || allowed_signal("interval timer of ", signal)) continue;
    SeenMapping const* const mapping = mapping_at(code, handler);
    add({warning, Hazard::signals_inherited, "interval timer of " + name_of_signal(signal),
         mapping == nullptr || mapping->path.empty() ? "" : "its handler lies in " + mapping->path,
         "runs in the parent only: the child has the handler too, but nothing calls it, and its profile or watch has ended",
         "StopRestart"});
  }
}

void ForkAudit::find_fatal_pipe_signal(SeenSignals const& now) {
  struct sigaction action{};
  ::sigaction(SIGPIPE, nullptr, &action);
  if (action.sa_handler != SIG_DFL || ::sigismember(&now.blocked, SIGPIPE) == 1) return;
  std::string numbers;
  for (int const number : shared_connections_)
    if (is_stream(number)) append(numbers, std::to_string(number));
  if (numbers.empty() || allowed_signal("default action of ", SIGPIPE)) return;
  add({warning, Hazard::signals_inherited, "default action of SIGPIPE", "connections of the parent: descriptors " + numbers,
       "write() to one that its peer has closed, as after the parent's goodbye, ends the process without a word",
       "DropAndReopen for the connections, or SIG_IGN before the fork"});
}

}  // namespace forksafe
