// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <dlfcn.h>
#include <initializer_list>
#include <span>
#include <string>
#include <sys/time.h>
module hazards;

namespace hazards {
namespace {

std::string block(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int const signal : signals) ::sigaddset(&set, signal);
  return ::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0 ? "" : "not blocked";
}

std::string blocked_stop() { return block({SIGTERM, SIGUSR1}); }
std::string blocked_user() { return block({SIGUSR2}); }
std::string blocked_others() { return block({SIGWINCH, SIGRTMIN + 3}); }

/// Lets a library's handler take the signal, and unloads the library if asked.
std::string handled(int signal, bool unload) {
  void* const library = ::dlopen(AUDIT_COMPONENT, RTLD_NOW);
  if (library == nullptr) return ::dlerror();
  auto* const set_handler = reinterpret_cast<int (*)(int)>(::dlsym(library, "set_handler"));
  if (set_handler == nullptr || set_handler(signal) != 0) return "no handler";
  return !unload || ::dlclose(library) == 0 ? "" : ::dlerror();
}

std::string unloaded_handler() { return handled(SIGUSR2, true); }
std::string unloaded_real_time_handler() { return handled(SIGRTMIN + 3, true); }
std::string loaded_handler() { return handled(SIGUSR2, false); }

std::string tick(__itimer_which timer, int signal, timeval interval, timeval first = {3600, 0}) {
  itimerval const value{interval, first};
  std::string const reason = handled(signal, false);
  return reason.empty() && ::setitimer(timer, &value, nullptr) != 0 ? "no timer" : reason;
}

std::string profile() { return tick(ITIMER_PROF, SIGPROF, {0, 10'000}); }
std::string alarm_clock() { return tick(ITIMER_REAL, SIGALRM, {1, 0}); }
std::string single_alarm() { return tick(ITIMER_REAL, SIGALRM, {0, 0}); }
std::string stopped_profile() { return tick(ITIMER_PROF, SIGPROF, {1, 0}, {0, 0}); }

constexpr Case cases[] = {
    {"blocked_stop", blocked_stop,
     "error; signals inherited; blocked SIGTERM, SIGUSR1 the thread that forked; pthread_sigmask() in ApplicationPostFork"},
    {"blocked_user", blocked_user,
     "warning; signals inherited; blocked SIGUSR2 the thread that forked; pthread_sigmask() in ApplicationPostFork"},
    {"blocked_others", blocked_others, ""},
    {"unloaded_handler", unloaded_handler, "error; signals inherited; handler of SIGUSR2 at 0x; the former handler"},
    {"unloaded_real_time_handler", unloaded_real_time_handler,
     "error; signals inherited; handler of signal 37 at 0x; the former handler"},
    {"loaded_handler", loaded_handler, ""},
    {"profile", profile,
     "warning; signals inherited; interval timer of SIGPROF its handler lies in " AUDIT_COMPONENT "; StopRestart"},
    {"alarm_clock", alarm_clock,
     "warning; signals inherited; interval timer of SIGALRM its handler lies in " AUDIT_COMPONENT "; StopRestart"},
    {"single_alarm", single_alarm, ""},
    {"stopped_profile", stopped_profile, ""},
};

}  // namespace

std::span<Case const> signals() { return cases; }

}  // namespace hazards
