// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <string>
#include <string_view>
#include <sys/types.h>
export module probe;

import forksafe;
import forksafe.page;
import forksafe.preset;

export namespace probe {

/// Writes each event that this process hears as a line to the file of the setting `trace`:
/// `event hook role slot incarnation pid parent forked app_loaded respawn late child`. Its destruction, which must not occur in
/// any process, makes a line too.
class Trace {
 public:
  explicit Trace(forksafe::Registry& registry) : registry_(registry) {}
  Trace(Trace const&) = delete;
  Trace& operator=(Trace const&) = delete;
  ~Trace();

  template <forksafe::ApplicationEvent Event>
  void operator()(Event const& event) {
    pid_t child = 0;
    if constexpr (requires { event.child; }) child = event.child.pid;
    write(forksafe::event_name<Event>, event, child);
  }

 private:
  void write(std::string_view name, forksafe::EventContext const& event, pid_t child);

  forksafe::Registry& registry_;
};

/// Misbehaves as the settings say. `trouble.on` is an event. `trouble.kind` is one of throw, delay, hang, exit, die, stop,
/// drop, drop_later, leave_later; the last two change the user, or exit, a while after the event. `trouble.text` is the text
/// that is thrown, here and by the route /throw. The settings `trouble.slot` and `trouble.incarnations`, if set, limit it to
/// one slot, and to incarnations up to that number.
class Trouble {
 public:
  static constexpr std::chrono::milliseconds deadline{1'500};

  explicit Trouble(forksafe::Registry& registry) : registry_(registry) {}

  template <forksafe::ApplicationEvent Event>
  void operator()(Event const& event) {
    make(forksafe::event_name<Event>, event);
  }

 private:
  void make(std::string_view name, forksafe::EventContext const& event);

  forksafe::Registry& registry_;
};

/// Routes for the scenarios: /peer, /debug, /report, /echo, /answer?status=&times=, /throw, /big?bytes=, /sleep?ms=,
/// /fork?how=, /late, /settings. With the setting `thread` a thread runs wherever the application is loaded.
class Routes {
 public:
  static constexpr bool thread_safe = true;

  explicit Routes(forksafe::Application& application) : application_(application) {}

  void load(forksafe::Application& application);
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);

 private:
  forksafe::Application& application_;
  int late_heard_ = 0;
  int late_marked_ = 0;
};

using Probe = forksafe::ForkSafeApp<forksafe::PresetPolicy, Routes, forksafe::IfEmitted<Trace>, forksafe::IfEmitted<Trouble>,
                                    forksafe::StatusPage>;

}  // namespace probe
