// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.audit;

namespace forksafe {

using described::Level;

Level level_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::running:
    case Outcome::heard: return Level::plain;
    case Outcome::slow: return Level::warning;
    case Outcome::threw:
    case Outcome::outlasted:
    case Outcome::called_exit:
    case Outcome::died_inside: break;
  }
  return Level::bad;
}

Level level_of(IncidentKind kind) noexcept {
  switch (kind) {
    case IncidentKind::slow_start: return Level::warning;
    case IncidentKind::fork_failed:
    case IncidentKind::respawn_storm:
    case IncidentKind::died_inside:
    case IncidentKind::never_arrived: break;
  }
  return Level::bad;
}

Level level_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return Level::plain;
    case Severity::warning: return Level::warning;
    case Severity::error:
    case Severity::critical: break;
  }
  return Level::bad;
}

}  // namespace forksafe
