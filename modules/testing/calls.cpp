// SPDX-License-Identifier: MIT
module;
#include <stdexcept>
#include <sys/types.h>
module forksafe.testing;

import :calls;
import forksafe;
import forksafe.std.operators;

namespace forksafe::testing {

std::vector<Call> calls(Application const& application) {
  JournalPage page = application.journal().latest();
  if (page.dropped != 0)
    throw std::length_error{"the journal keeps the latest " + std::to_string(page.records.size()) + " calls and has dropped " +
                            std::to_string(page.dropped) +
                            ": let the test raise fewer events, or divide it, each part with a "
                            "Container of its own"};
  std::vector<Call> found;
  for (JournalRecord& record : page.records)
    found.push_back({std::string{record.event}, std::string{record.hook}, std::move(record.subscriber), record.outcome,
                     record.pid, record.slot});
  return found;
}

std::vector<Call> calls(Application const& application, pid_t process) {
  std::vector<Call> found = calls(application);
  std::erase_if(found, [&](Call const& call) { return call.pid != process; });
  return found;
}

std::string to_text(std::vector<Call> const& calls) {
  std::string text;
  for (Call const& call : calls)
    if (!call.subscriber.empty()) text += call.subscriber + " " + std::string{name_of(call.outcome)} + " " + call.event + "\n";
  return text;
}

}  // namespace forksafe::testing
