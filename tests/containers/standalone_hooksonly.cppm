// SPDX-License-Identifier: MIT
module;
#include <string_view>
export module hooksonly;

import forksafe;
import forksafe.preset;

export namespace hooksonly {

/// An application that answers no requests. Appends each event, and each run of its atexit handler, with the pid of the
/// process, to the file of the setting `trace`. `load` throws the text of the setting `refuse`, if that is set.
class Witness {
 public:
  explicit Witness(forksafe::Registry& registry) : registry_(registry) {}

  void load(forksafe::Application& application);

  template <forksafe::ApplicationEvent Event>
  void operator()(Event const&) {
    write(forksafe::event_name<Event>);
  }

 private:
  void write(std::string_view name);

  forksafe::Registry& registry_;
};

using HooksOnly = forksafe::ForkSafeApp<forksafe::PresetPolicy, Witness>;

}  // namespace hooksonly
