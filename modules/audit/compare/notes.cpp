// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>
module forksafe.audit;

import forksafe.generation;

namespace forksafe {

/// A thing that is not declared any more may not exist any more.
bool Comparison::still_declared(Note const& note) const {
  return std::ranges::any_of(
      notes_, [&](Note const& one) { return one.kind == note.kind && one.object == note.object && one.text == note.text; });
}

void Comparison::examine(SeenNote const& seen) {
  if (!still_declared(seen.note)) return;
  switch (seen.note.kind) {
    case NoteKind::mutex:
    case NoteKind::rwlock: return examine_lock(seen);
    case NoteKind::condition: return examine_condition(seen);
    case NoteKind::generator: return examine_generator(seen);
    case NoteKind::shared:
    case NoteKind::owned:
    case NoteKind::stream: return;
  }
}

void Comparison::examine_lock(SeenNote const& seen) {
  auto const holder = static_cast<pid_t>(holder_of(seen.note));
  if (holder == 0 || has_thread(holder)) return;
  // The thread that forked can unlock a plain mutex that it held: that is what HoldLock rests on.
  if (holder == inventory_.forking_thread && !knows_its_owner(seen.note)) return;
  bool const by_forker = holder == inventory_.forking_thread;
  add({Severity::error, Hazard::lock_orphaned, "lock '" + seen.note.text + "'",
       by_forker ? "held by the thread that forked, under its former id"
                 : "held by thread " + std::to_string(holder) + name_of_thread(holder),
       "its holder does not exist in the child: whoever takes it waits for ever", "HoldLock"});
}

void Comparison::examine_condition(SeenNote const& seen) {
  if (seen.holder == 0 || holder_of(seen.note) < seen.holder) return;
  add({Severity::error, Hazard::lock_orphaned, "condition variable '" + seen.note.text + "'",
       std::to_string(seen.holder) + " waiting at the fork",
       "its waiters do not exist in the child: destroying it, or waiting for it again, hangs", "HoldLock"});
}

void Comparison::examine_generator(SeenNote const& seen) {
  std::array<std::byte, 16> drawn{};
  bool same = false;
  if (seen.note.draw != nullptr) {
    seen.note.draw(seen.note.object, drawn);
    same = drawn == seen.drawn;
  }
  bool const stale = seen.note.seeded_in != nullptr && seen.note.seeded_in(seen.note.object) != generation();
  pid_t const sibling = seen.note.draw == nullptr || same ? 0 : drawn_by_another(seen.note.text, drawn);
  if (!same && !stale && sibling == 0) return;
  std::string const drawn_too =
      "its next 16 bytes are those that " + (same ? "the parent draws" : "process " + std::to_string(sibling) + " draws");
  add({Severity::error, Hazard::random_duplicated, "generator '" + seen.note.text + "'",
       same || sibling != 0 ? drawn_too : "seeded before the fork",
       "all processes draw the same numbers: tokens, keys and identities are no longer unique", "Reseed"});
}

}  // namespace forksafe
