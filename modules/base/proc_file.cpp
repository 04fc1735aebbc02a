// SPDX-License-Identifier: MIT
module;
#include <fcntl.h>
#include <unistd.h>
module forksafe.base;

import forksafe.std.operators;

namespace forksafe::base {

std::string read_proc(std::string_view path, std::size_t limit) {
  std::string content;
  int const file = ::open(std::string{path}.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return content;
  std::size_t filled = 0;
  for (ssize_t size = 1; size > 0 && filled < limit;) {
    if (filled == content.size()) content.resize(std::min(limit, std::max<std::size_t>(4096, 2 * filled)));
    size = ::read(file, content.data() + filled, content.size() - filled);
    if (size > 0) filled += static_cast<std::size_t>(size);
  }
  ::close(file);
  content.resize(filled);
  return content;
}

}  // namespace forksafe::base
