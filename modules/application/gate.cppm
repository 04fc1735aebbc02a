// SPDX-License-Identifier: MIT
export module forksafe:gate;

import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// Keeps a worker's request handlers and its ApplicationWorkerExit apart, where several threads call handlers at once. Takes no
/// lock, because the event may be raised in a signal handler. In a forked child it is open, and nobody is inside.
class Gate {
 public:
  /// How long the event waits for handlers, and requests for the event. Most requests are answered in less, and containers kill
  /// a worker that does not exit after more; it adds to what the subscribers themselves may take.
  static constexpr std::chrono::milliseconds patience{2'000};

  /// One request on its way through the handlers. False if the gate is closed: nothing may be called then.
  class Passage {
   public:
    explicit Passage(Gate& gate) noexcept : gate_(gate), generation_(gate.enter()) {}
    Passage(Passage const&) = delete;
    Passage& operator=(Passage const&) = delete;
    ~Passage() {
      if (generation_ != 0) gate_.leave(generation_);
    }
    explicit operator bool() const noexcept { return generation_ != 0; }

   private:
    Gate& gate_;
    std::uint64_t generation_;
  };

  /// The event on its way through its subscribers. Closes the gate for the rest of the process, and waits for the handlers in
  /// other threads. Logs that it waits no longer, and that it interrupts a handler of this thread, for which it cannot wait.
  class Closing {
   public:
    explicit Closing(Gate& gate) noexcept : gate_(gate) { gate.close(); }
    Closing(Closing const&) = delete;
    Closing& operator=(Closing const&) = delete;
    ~Closing() { gate_.end_closing(); }

   private:
    Gate& gate_;
  };

 private:
  /// Returns the generation of this process, or 0 if the gate is closed. A request that comes while the event is on its way
  /// waits, so that this worker does not go on accepting what others could answer; the thread that raised the event does not.
  [[nodiscard]] std::uint64_t enter() noexcept;
  void leave(std::uint64_t entered) noexcept;
  void close() noexcept;
  void end_closing() noexcept;
  [[nodiscard]] bool wait_for_others() const noexcept;
  void wait_for_end() const noexcept;

  /// The generation in the upper half; then whether the gate is closed, whether the event is over, and the number inside. One
  /// word, so that a child sees at once that all of it is its parent's.
  std::atomic<std::uint64_t> word_{0};
};

/// Stands for a gate where one call of a handler ends before the next begins.
struct NoGate {
  struct Passage {
    explicit Passage(NoGate&) noexcept {}
    explicit operator bool() const noexcept { return true; }
  };
  struct Closing {
    explicit Closing(NoGate&) noexcept {}
  };
};

template <HandlerCalls Calls>
struct Doorway {
  using type = Gate;
};
template <>
struct Doorway<HandlerCalls::one_at_a_time> {
  using type = NoGate;
};

}  // namespace forksafe
