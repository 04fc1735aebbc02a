// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <ctime>
#include <sys/types.h>
export module forksafe.standalone.binding:parts;

import :hooks;
import :options;
import forksafe.base;
import forksafe;
import forksafe.binding;
import forksafe.std;

namespace forksafe::standalone {

using Clock = std::chrono::steady_clock;

/// Why the server could not start; what() says the cure too.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A listening socket that master and workers share, and the address that it got.
struct Listener {
  int descriptor = -1;
  int family = 0;
  std::string address{};
};

/// Throws StartError.
[[nodiscard]] Listener listen_on(std::string_view address);

/// The notice that one worker keeps for the master, in memory that both share.
struct Notice {
  /// Whether it has come out of fork().
  std::atomic<bool> arrived;
  /// Whether it accepts requests.
  std::atomic<bool> ready;
  /// Whether it has decided on its own to leave.
  std::atomic<bool> leaving;
  /// Since when it has been busy with the request at hand, by Clock; 0 between requests.
  std::atomic<Clock::rep> busy_since;
  /// When its loop last went round, by Clock; 0 before it first does. It says so each `pulse`.
  std::atomic<Clock::rep> alive_at;

  void clear() noexcept;
};

/// Slots are numbered from 1. A slot is free again when its process was reaped, so that what a worker derives from its
/// number is never shared by two that live; a rolling restart needs one slot more than there are workers.
inline constexpr int slot_limit = 512;

inline constexpr std::chrono::milliseconds pulse{1000};

/// One notice for each slot, mapped once, before the first fork.
class Board {
 public:
  /// Throws StartError.
  Board();

  [[nodiscard]] Notice& of(int slot) noexcept { return notices_[static_cast<std::size_t>(slot - 1)]; }

 private:
  base::Shared<Notice[]> notices_;
};

/// Which slot the next worker gets, and when: a slot whose workers die young is filled less and less often.
class Slots {
 public:
  /// A slot to fill, 0 if there is none now; then `due` is when there may be one.
  struct Choice {
    int slot = 0;
    Clock::time_point due = Clock::time_point::max();
  };

  /// Which slot to fill where `missing` workers are to be forked: the lowest that is due among those whose workers were
  /// lost; the lowest free one where more are missing than were lost. A slot that waits holds up no other.
  [[nodiscard]] Choice next(Clock::time_point now, int missing) const noexcept;
  /// The incarnation that the next worker in the slot will be.
  [[nodiscard]] int next_incarnation(int slot) const noexcept { return at(slot).incarnation + 1; }

  void fill(int slot) noexcept;
  /// `wanted_back`: the worker was lost, and the slot is to be filled again first. `young`: it died too early.
  void empty(int slot, Clock::time_point filled, bool wanted_back, bool young) noexcept;

 private:
  struct Slot {
    int incarnation = 0;
    std::uint32_t deaths = 0;
    bool taken = false;
    bool wanted_back = false;
    Clock::time_point due{};
  };
  [[nodiscard]] Slot const& at(int slot) const noexcept { return slots_[static_cast<std::size_t>(slot - 1)]; }
  [[nodiscard]] Slot& at(int slot) noexcept { return slots_[static_cast<std::size_t>(slot - 1)]; }

  std::array<Slot, slot_limit> slots_{};
};

/// 100 ms for the first failure in a row, doubling up to 5 s.
[[nodiscard]] std::chrono::milliseconds back_off(std::uint32_t failures) noexcept;

inline constexpr std::size_t master_signal_count = 7;

/// The signals that the master waits for, blocked while this object lives. Threads that the application started earlier
/// do not block them, and hand over what they get.
class BlockedSignals {
 public:
  /// Keeps SIGPIPE, which the loss of the log's reader raises, from ending the process. Programs that it executes start
  /// with the default.
  static void outlive_broken_pipes() noexcept;

  BlockedSignals() noexcept;
  BlockedSignals(BlockedSignals const&) = delete;
  BlockedSignals& operator=(BlockedSignals const&) = delete;
  ~BlockedSignals();

  /// The next signal, or 0 at `deadline`.
  [[nodiscard]] int wait_until(Clock::time_point deadline) const noexcept;
  /// What this object has blocked.
  [[nodiscard]] sigset_t const& blocked() const noexcept { return blocked_; }

 private:
  sigset_t waited_for_{};
  sigset_t before_{};
  sigset_t blocked_{};
  struct sigaction actions_before_[master_signal_count]{};
};

/// What a worker is born with.
struct Birth {
  Hosted const* hosted;
  Options const* options;
  Listener const* listener;
  Notice* notice;
  /// What the master has blocked for itself.
  sigset_t const* signals;
  Process process;
};

/// How a worker learns that it shall leave. A handler of SIGTERM, and the master's death, make `descriptor` readable.
struct StopRequest {
  int descriptor = -1;
  [[nodiscard]] bool made() const noexcept;
};

/// In a worker, signals still blocked: lets SIGTERM request the stop, SIGABRT from the master raise worker_abort, and
/// the other signals that the master acts upon do nothing here. The Birth must outlive the process.
[[nodiscard]] StopRequest handle_worker_signals(Birth const& birth) noexcept;

/// Wakes the master, if it still lives.
void wake_master(Birth const& birth) noexcept;

/// In the worker: tells the master that its loop goes round.
void show_life(Birth const& birth) noexcept;

/// Raises worker_ready, and lets the master know.
void announce(Birth const& birth) noexcept;

/// In the worker: asks for SIGTERM at the master's death, which a change of the user takes back, and requests the stop if
/// the master is gone already.
void heed_master(Birth const& birth) noexcept;

/// Lives the whole life of a worker.
[[noreturn]] void work(Birth const& birth) noexcept;

/// Answers requests until the stop is requested or the worker has served its share. Throws std::exception.
void serve(Birth const& birth, StopRequest stop);

/// How many connections a worker takes at a time: half of the descriptors that it may open, the others are the
/// application's.
[[nodiscard]] std::size_t connection_limit() noexcept;

/// The status with which a request is refused because a proxy might see another message in it, or other host; 0 if it
/// is not. `minor` is that of its version, HTTP/1.x.
[[nodiscard]] unsigned fault_of_framing(std::span<HeaderView const> headers, unsigned minor) noexcept;

/// A request as views into what the reader holds. Names of headers are as the client sent them.
class ParsedRequest final : public RequestSource {
 public:
  ParsedRequest(std::string_view method, std::string_view target, std::span<HeaderView const> headers,
                std::string_view body, std::string_view peer) noexcept
      : method_(method), target_(target), headers_(headers), body_(body), peer_(peer) {}

  [[nodiscard]] std::string_view method() override { return method_; }
  [[nodiscard]] std::string_view target() override { return target_; }
  [[nodiscard]] std::span<HeaderView const> headers() override { return headers_; }
  [[nodiscard]] std::string_view body() override { return body_; }
  [[nodiscard]] std::string_view peer() override { return peer_; }

 private:
  std::string_view method_;
  std::string_view target_;
  std::span<HeaderView const> headers_;
  std::string_view body_;
  std::string_view peer_;
};

/// How much of a request has been read.
enum class Progress : std::uint8_t { nothing, header, body, whole, refused };

/// Reads the requests of one connection, one after the other, out of bytes that somebody else receives.
class RequestReader {
 public:
  explicit RequestReader(std::uint64_t longest_body);
  RequestReader(RequestReader const&) = delete;
  RequestReader& operator=(RequestReader const&) = delete;
  ~RequestReader();

  /// Where the next bytes of the connection go. Never empty.
  [[nodiscard]] std::span<char> room();
  /// So many bytes have come there.
  void take(std::size_t size);
  /// Forgets the request, and reads the next from what has come already.
  void begin_next();
  /// Forgets all that has come and was not read.
  void discard() noexcept;

  [[nodiscard]] Progress progress() const noexcept;
  /// The status to refuse the request with. The next request cannot be found then.
  [[nodiscard]] unsigned refusal() const noexcept;

  /// From Progress::body on; `only_head` and `minor` of what is refused too.
  [[nodiscard]] bool expects_continue() const noexcept;
  [[nodiscard]] bool keeps_alive() const noexcept;
  [[nodiscard]] bool only_head() const noexcept;
  /// Of the version that is spoken, HTTP/1.0 or HTTP/1.1.
  [[nodiscard]] unsigned minor() const noexcept;
  /// How much of the body has come.
  [[nodiscard]] std::uint64_t body_size() const noexcept;
  /// Views into this reader, whose request is whole.
  [[nodiscard]] ParsedRequest request(std::string_view peer) const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The time as HTTP writes it, whatever the locale.
[[nodiscard]] std::string http_date(std::time_t time);

/// Supervises the workers until it is told to stop.
void supervise(Hosted const& hosted, Options const& options, Listener const& listener);

}  // namespace forksafe::standalone
