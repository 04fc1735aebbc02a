// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
module forksafe.audit;

import forksafe.base;
import forksafe.generation;
import forksafe.std.operators;

namespace forksafe {

/// A thing that is not declared any more may not exist any more.
bool ForkAudit::still_declared(DeclarationRecord const& declaration) const {
  return std::ranges::any_of(declarations_, [&](DeclarationRecord const& one) {
    return one.kind == declaration.kind && one.object == declaration.object && one.text == declaration.text;
  });
}

void ForkAudit::examine(SeenDeclaration const& seen) {
  if (!still_declared(seen.declaration)) return;
  switch (seen.declaration.kind) {
    case DeclarationKind::mutex:
    case DeclarationKind::rwlock: return examine_lock(seen);
    case DeclarationKind::condition: return examine_condition(seen);
    case DeclarationKind::generator: return examine_generator(seen);
    case DeclarationKind::shared:
    case DeclarationKind::owned:
    case DeclarationKind::stream: return;
  }
}

void ForkAudit::examine_lock(SeenDeclaration const& seen) {
  auto const holder = static_cast<pid_t>(read_holder(seen.declaration));
  if (holder == 0 || has_thread(holder)) return;
  // The thread that forked can unlock a plain mutex that it held: that is what HoldLock rests on.
  if (holder == inventory_.forking_thread && !knows_its_owner(seen.declaration)) return;
  bool const by_forker = holder == inventory_.forking_thread;
  add({Severity::error, Hazard::lock_orphaned, "lock '" + seen.declaration.text + "'",
       by_forker ? "held by the thread that forked, under its former id"
                 : base::concat("held by thread ", holder, name_of_thread(holder)),
       "its holder does not exist in the child: whoever takes it waits for ever", "HoldLock"});
}

void ForkAudit::examine_condition(SeenDeclaration const& seen) {
  if (seen.holder == 0 || read_holder(seen.declaration) < seen.holder) return;
  add({Severity::error, Hazard::lock_orphaned, "condition variable '" + seen.declaration.text + "'",
       std::to_string(seen.holder) + " waiting at the fork",
       "its waiters do not exist in the child: destroying it, or waiting for it again, hangs", "HoldLock"});
}

void ForkAudit::examine_generator(SeenDeclaration const& seen) {
  std::array<std::byte, 16> drawn{};
  bool same = false;
  if (seen.declaration.draw != nullptr) {
    seen.declaration.draw(seen.declaration.object, drawn);
    same = drawn == seen.drawn;
  }
  bool const stale =
      seen.declaration.seeded_in != nullptr && seen.declaration.seeded_in(seen.declaration.object) != generation();
  pid_t const sibling = seen.declaration.draw == nullptr || same ? 0 : drawn_by_another(seen.declaration.text, drawn);
  if (!same && !stale && sibling == 0) return;
  std::string const drawn_too =
      base::concat("its next 16 bytes are those that ", same ? "the parent" : base::concat("process ", sibling), " draws");
  add({Severity::error, Hazard::random_duplicated, "generator '" + seen.declaration.text + "'",
       same || sibling != 0 ? drawn_too : "seeded before the fork",
       "all processes draw the same numbers: tokens, keys and identities are no longer unique", "Reseed"});
}

}  // namespace forksafe
