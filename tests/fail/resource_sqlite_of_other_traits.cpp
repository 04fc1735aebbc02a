// SPDX-License-Identifier: MIT
// ClosedBeforeFork takes connections of SQLite only.
// expect: derive the traits from forksafe::SqliteTraits
import forksafe.resource.sqlite;

struct Session {
  using Handle = int;
  Handle open() { return 1; }
  void forget(Handle&) noexcept {}
};

forksafe::ClosedBeforeFork<Session>* session = nullptr;
