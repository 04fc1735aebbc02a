// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
export module forksafe:subscription;

import :subscriber;
import forksafe.policy;

export namespace forksafe {

/// What can be subscribed at run time: it is called with the event, and returns nothing.
template <class Callable, class Event>
concept CallableWith = (std::invocable<Callable&, Event const&> ||
                        because<"let it take the event by const reference: `[](Event const& event) { ... }`">()) &&
                       (std::is_void_v<std::invoke_result_t<Callable&, Event const&>> ||
                        because<"let it return nothing: what it returns is dropped, and a coroutine would never run; it "
                                "throws to fail">());

/// What subscribing at run time returns. Copyable; outliving it changes nothing: only unsubscribe() does.
class Subscription {
 public:
  /// From now on the callable hears nothing. Does nothing when called again.
  void unsubscribe() noexcept;

 private:
  friend class Application;
  Subscription(Application& application, std::uint64_t number) : application_(&application), number_(number) {}
  Application* application_;
  std::uint64_t number_;
};

}  // namespace forksafe

namespace forksafe {

/// What is called, and how every view names it.
struct RuntimeCallable {
  std::string name;
  std::function<void(Occurrence const&)> call;
};

struct RuntimeSubscriber {
  std::uint64_t number;
  std::size_t event;
  std::string key;
  Phase phase;
  /// Null once it is unsubscribed. Shared, for a call outlives its place in the list: the callable may subscribe others.
  std::shared_ptr<RuntimeCallable> callable;
  std::chrono::milliseconds deadline = default_deadline;
  /// Whether the debug object names it.
  bool shown = true;
  /// The number of the latest delivery that it has heard.
  std::uint64_t delivery = 0;
};

}  // namespace forksafe
