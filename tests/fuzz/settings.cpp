// SPDX-License-Identifier: MIT
// An arbitrary ini file: it is read, or refused with its place and a cure, and nothing else happens.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

import forksafe;

namespace {

/// A file in memory. Its path can be opened as often as sections refer to it.
struct MemoryFile {
  MemoryFile() : descriptor(::memfd_create("fuzz.ini", MFD_CLOEXEC)), path("/proc/self/fd/" + std::to_string(descriptor)) {
    if (descriptor < 0) std::abort();
  }

  void write(std::uint8_t const* data, std::size_t size) const {
    if (::ftruncate(descriptor, 0) != 0) std::abort();
    if (::pwrite(descriptor, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  }

  int const descriptor;
  std::string const path;
};

void require(bool fulfilled, std::string_view promise, std::string_view text) {
  if (fulfilled) return;
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(promise.size()), promise.data(), static_cast<int>(text.size()),
               text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static MemoryFile const file;
  file.write(data, size);
  for (auto const* section : {"", "#other"}) {
    try {
      auto settings = forksafe::Settings::from_file(file.path + section);
      settings.expect("page.path");
      settings.expect("page.allow");
      for (auto const& line : settings.unread()) require(line.find(": nothing reads ") != line.npos, "unread", line);
      for (auto const& setting : settings.all()) {
        require(settings.find(setting.key) == &setting, "a key is not found", setting.key);
        require(!setting.source.empty(), "a value has no source", setting.key);
      }
    } catch (forksafe::SettingsError const& error) {
      require(std::string_view{error.what()}.find(" - ") != std::string_view::npos, "an error without a cure", error.what());
    }
  }
  return 0;
}
