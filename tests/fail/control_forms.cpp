// SPDX-License-Identifier: MIT
// compiles: forms that look like the mistakes of this folder, and are correct
#include <any>
#include <chrono>
#include <concepts>
#include <optional>
#include <string_view>
import forksafe;
import forksafe.gunicorn;
import forksafe.resource;
import forksafe.standalone;

struct Final final {
  static constexpr bool thread_safe = true;
  static constexpr forksafe::Phase phase = forksafe::Phase::detach;
  static constexpr std::chrono::seconds deadline{3};
  static constexpr char const* name = "final";
  void load(forksafe::Application&) {}
  void operator()(forksafe::ApplicationPostFork const&) const noexcept {}
  forksafe::Response handle(forksafe::Request const&) const { return {}; }
  std::optional<forksafe::Response> intercept(forksafe::Request const&) { return {}; }
};
struct ByValue {
  void operator()(forksafe::ApplicationPostFork) {}
  void operator()(forksafe::ApplicationPreFork event, int = 0) { static_cast<void>(event.process); }
};
struct OfAllEvents {
  void operator()(forksafe::EventContext const&) {}
};
struct OfSomeAlsoByBase {
  void operator()(forksafe::ChildEventContext const&) {}
  void operator()(forksafe::ApplicationPreFork const&) {}
};
struct ByTemplate {
  auto operator()(auto const& event) -> decltype(event.process, void()) { static_cast<void>(event.registry); }
};
struct ByConstrainedTemplate {
  template <class Event>
    requires std::same_as<Event, forksafe::ApplicationPostFork>
  auto operator()(Event const& event) {
    static_cast<void>(event.late);
  }
};
void write_down(forksafe::ApplicationPreFork const&) {}
struct Converting {
  using Function = void (*)(forksafe::ApplicationPreFork const&);
  void operator()(forksafe::ApplicationPostFork const&) {}
  operator Function() const { return write_down; }
};
using Lambda = decltype([](auto const& event) { static_cast<void>(event.hook); });
struct Anything {
  void operator()(std::any const&) {}
};
struct AlsoFunctor {
  void operator()(forksafe::ApplicationPostFork const&) {}
  int operator()() { return 6; }
  int operator()(int number) { return number; }
};
struct Base {
  virtual ~Base() = default;
  void operator()(forksafe::ApplicationPreFork const&) {}
};
struct Virtual {
  virtual ~Virtual() = default;
  virtual void operator()(forksafe::ApplicationPreFork const&) {}
};
struct Used : Base {
  using Base::operator();
  void operator()(forksafe::ApplicationPostFork const&) {}
};
struct Inheriting : ByValue {};
struct Overriding : ByValue {
  void operator()(forksafe::ApplicationPostFork const&) {}
  void operator()(forksafe::ApplicationPreFork const&) {}
};
class Private {
 public:
  explicit Private(forksafe::Registry&) {}
  void operator()(forksafe::ApplicationPostFork const&) {}
  template <class Event>
  static constexpr bool may_miss = std::same_as<Event, forksafe::ApplicationForkFailed>;

 private:
  void reload() {}
  std::string_view name_ = "private";
};
struct Seed {
  void reseed() {}
};
struct Dice : forksafe::Reseed<Seed> {
  using Reseed::Reseed;
  using Reseed::operator();
  void operator()(forksafe::ApplicationPostWorkerInit const&) {}
};
struct Union {
  union {
    int number;
    char letter;
  };
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, Final, ByValue, OfAllEvents, OfSomeAlsoByBase, ByTemplate,
                                  ByConstrainedTemplate, Lambda, Anything, AlsoFunctor, Used, Inheriting, Overriding, Private,
                                  Dice, Union, Converting, Virtual>;
static_assert(App::report.subscribers.size() == 17);
static_assert(App::report.subscribers[15].events.size() == 2);
static_assert(forksafe::ForkSafeApp<forksafe::GunicornPolicy, forksafe::IfEmitted<Lambda>, Private, Dice>::report.subscribers
                  .size() == 3);
