// SPDX-License-Identifier: MIT
module;
#include <sys/stat.h>
module forksafe.resource;

import :open_file;

namespace forksafe {

OpenFile::OpenFile(int descriptor) noexcept {
  struct stat file{};
  if (descriptor < 0 || ::fstat(descriptor, &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

}  // namespace forksafe
