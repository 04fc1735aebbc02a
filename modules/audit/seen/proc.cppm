// SPDX-License-Identifier: MIT
module;
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
export module forksafe.audit:proc;

import forksafe.std;

namespace forksafe {

/// Calls `visit(number)` for each number that names an entry of a directory, except that of the descriptor it reads by.
template <class Visit>
void each_number(char const* directory, Visit visit) {
  int const opened = ::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  alignas(dirent64) char buffer[4096];
  for (ssize_t size; (size = ::getdents64(opened, buffer, sizeof buffer)) > 0;) {
    for (ssize_t at = 0; at < size;) {
      auto const* entry = reinterpret_cast<dirent64 const*>(buffer + at);
      at += entry->d_reclen;
      int number = 0;
      std::string_view const name = entry->d_name;
      if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc{} && number != opened) visit(number);
    }
  }
  ::close(opened);
}

/// Calls `visit(line)` for each line of a text.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    std::string_view const line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? text.size() : line.size() + 1);
    visit(line);
  }
}

}  // namespace forksafe
