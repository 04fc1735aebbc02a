// SPDX-License-Identifier: MIT
module;
#include <cstddef>
module forksafe.journal;

import forksafe.std.operators;

namespace forksafe {
namespace {

/// The low bits of Cell::round. Rounds count from 1: a cell of zeros is one whose round 0 is over.
enum State : std::uint64_t { committed = 0, writing = 1, damaged = 2, state_mask = 3 };

constexpr std::uint64_t round_of(std::uint64_t ticket) noexcept { return ticket / Ring::capacity + 1; }
constexpr std::uint64_t in_state(std::uint64_t ticket, State state) noexcept { return round_of(ticket) << 2 | state; }

constexpr int tag_shift = 4;
constexpr int duration_shift = 20;
constexpr std::uint64_t outcome_mask = (1u << tag_shift) - 1;
constexpr std::uint64_t tag_mask = (1u << (duration_shift - tag_shift)) - 1;

/// Tagged with the round, so that a writer cannot end the record of another round.
constexpr std::uint64_t packed(std::uint64_t ticket, RecordResult result) noexcept {
  auto const duration = std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<std::int64_t>(result.duration.count(), 0)),
                                                ~std::uint64_t{0} >> duration_shift);
  return duration << duration_shift | (round_of(ticket) & tag_mask) << tag_shift | static_cast<std::uint64_t>(result.outcome);
}

constexpr bool belongs_to(std::uint64_t ticket, std::uint64_t word) noexcept {
  return (word >> tag_shift & tag_mask) == (round_of(ticket) & tag_mask);
}

constexpr Outcome outcome_in(std::uint64_t word) noexcept { return static_cast<Outcome>(word & outcome_mask); }

/// No sum covers the word of the end: what was written there by mistake need not be an outcome.
constexpr bool has_outcome(std::uint64_t word) noexcept { return outcome_in(word) <= Outcome::slow; }

}  // namespace

void RecordHeader::name(std::string_view text) noexcept {
  length = static_cast<std::uint8_t>(std::min(text.size(), subscriber_limit));
  std::copy_n(text.data(), length, subscriber);
}

std::size_t Ring::used_words(Words const& words) noexcept {
  std::size_t const length = std::min<std::size_t>(std::bit_cast<RecordHeader>(words).length, subscriber_limit);
  return (offsetof(RecordHeader, subscriber) + length + sizeof words[0] - 1) / sizeof words[0];
}

/// The products do not wait for one another. Names the ticket too: what two records wrote into one cell does not add up.
std::uint64_t Ring::checksum(std::uint64_t ticket, Words const& words) noexcept {
  std::uint64_t sum = ticket;
  std::uint64_t salt = 0x9e3779b97f4a7c15u;
  for (std::size_t index = 0, used = used_words(words); index != used; ++index) {
    std::uint64_t const product = (words[index] + salt) * 0xff51afd7ed558ccdu;
    sum += product ^ product >> 32;
    salt += 0x9e3779b97f4a7c15u;
  }
  return sum;
}

bool Ring::claim(std::uint64_t ticket) noexcept {
  Cell& cell = cell_of(ticket);
  std::uint64_t seen = cell.round.load(std::memory_order_relaxed);
  do {
    if (seen >> 2 >= round_of(ticket)) return false;
  } while (
      !cell.round.compare_exchange_weak(seen, in_state(ticket, writing), std::memory_order_acq_rel, std::memory_order_relaxed));
  std::uint64_t const never_claimed = round_of(ticket) - (seen >> 2) - 1;
  std::uint64_t const lost = never_claimed + ((seen & state_mask) == committed ? 0 : 1);
  if (lost != 0) overrun_.fetch_add(lost, std::memory_order_relaxed);
  return true;
}

void Ring::fill(std::uint64_t ticket, RecordHeader const& header) noexcept {
  Cell& cell = cell_of(ticket);
  auto const words = std::bit_cast<Words>(header);
  // A reader that sees any word of this round sees its claim too.
  std::atomic_thread_fence(std::memory_order_release);
  cell.result.store(packed(ticket, {}), std::memory_order_relaxed);
  cell.sum.store(checksum(ticket, words), std::memory_order_relaxed);
  for (std::size_t index = 0, used = used_words(words); index != used; ++index)
    cell.words[index].store(words[index], std::memory_order_relaxed);
}

bool Ring::commit(std::uint64_t ticket) noexcept {
  Cell& cell = cell_of(ticket);
  std::uint64_t seen = in_state(ticket, writing);
  if (cell.round.compare_exchange_strong(seen, in_state(ticket, committed), std::memory_order_release,
                                         std::memory_order_relaxed))
    return true;
  while ((seen & state_mask) != damaged &&
         !cell.round.compare_exchange_weak(seen, (seen & ~std::uint64_t{state_mask}) | damaged, std::memory_order_relaxed)) {}
  return false;
}

std::uint64_t Ring::write(RecordHeader const& header) noexcept {
  std::uint64_t const ticket = reserve();
  if (claim(ticket)) {
    fill(ticket, header);
    commit(ticket);
  }
  return ticket;
}

bool Ring::end(std::uint64_t ticket, RecordResult result) noexcept {
  Cell& cell = cell_of(ticket);
  std::uint64_t seen = cell.result.load(std::memory_order_relaxed);
  while (belongs_to(ticket, seen) && (outcome_in(seen) == Outcome::running || outcome_in(seen) == Outcome::outlasted))
    if (cell.result.compare_exchange_weak(seen, packed(ticket, result), std::memory_order_relaxed)) return true;
  return false;
}

std::optional<Ring::Found> Ring::read(std::uint64_t ticket) const noexcept {
  Cell const& cell = cells_[ticket % capacity];
  std::uint64_t const whole = in_state(ticket, committed);
  if (cell.round.load(std::memory_order_acquire) != whole) return {};
  Words words;
  for (std::size_t index = 0; index != word_count; ++index) words[index] = cell.words[index].load(std::memory_order_relaxed);
  std::uint64_t const result = cell.result.load(std::memory_order_relaxed);
  std::uint64_t const sum = cell.sum.load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (cell.round.load(std::memory_order_relaxed) != whole || sum != checksum(ticket, words) || !belongs_to(ticket, result) ||
      !has_outcome(result))
    return {};
  std::fill(words.begin() + static_cast<std::ptrdiff_t>(used_words(words)), words.end(), 0);
  return Found{std::bit_cast<RecordHeader>(words),
               {outcome_in(result), std::chrono::nanoseconds{static_cast<std::int64_t>(result >> duration_shift)}}};
}

Ring::Extent Ring::extent() const noexcept {
  std::uint64_t const overrun = overrun_.load(std::memory_order_relaxed);
  std::uint64_t const end = head_.load(std::memory_order_relaxed);
  std::uint64_t const begin = end < capacity ? 0 : end - capacity;
  return {begin, end, std::min(overrun, begin)};
}

}  // namespace forksafe
