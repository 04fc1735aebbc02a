// SPDX-License-Identifier: MIT
export module forksafe.resource:open_file;

import forksafe.std;

namespace forksafe {

/// Which file, or socket, a descriptor stands for: a number alone may stand for another one by now.
class OpenFile {
 public:
  OpenFile() = default;
  /// What the descriptor is opened on now; nothing where it is not open.
  explicit OpenFile(int descriptor) noexcept;
  [[nodiscard]] bool operator==(OpenFile const&) const = default;

 private:
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

}  // namespace forksafe
