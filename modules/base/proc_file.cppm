// SPDX-License-Identifier: MIT
export module forksafe.base:proc_file;

import forksafe.std;

export namespace forksafe::base {

/// Returns the content of a file of /proc, cut off at `limit` bytes; empty if it cannot be read.
std::string read_proc(std::string_view path, std::size_t limit = 4096);

}  // namespace forksafe::base
