// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
module forksafe.audit;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// No process has more than 65530 mappings unless it is told to (vm.max_map_count); a line is 100 bytes, or a path more.
constexpr std::size_t most_of_maps = 16 << 20, most_of_smaps = 128 << 20;

std::uint64_t take_number(std::string_view& text, int base) noexcept {
  std::uint64_t number = 0;
  auto const end = std::from_chars(text.data(), text.data() + text.size(), number, base).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  // What separates it from the next field.
  text.remove_prefix(std::min<std::size_t>(text.size(), 1));
  return number;
}

/// `BEGIN-END rwxs OFFSET MAJOR:MINOR INODE   PATH`; an end of 0 if it is none.
SeenMapping parse(std::string_view line) {
  SeenMapping mapping;
  mapping.begin = take_number(line, 16);
  mapping.end = take_number(line, 16);
  if (line.size() < 5 || line[4] != ' ') return {};
  mapping.writable = line[1] == 'w';
  mapping.shared = line[3] == 's';
  line.remove_prefix(5);
  // Offset and device.
  for (int field = 0; field != 3; ++field) take_number(line, 16);
  mapping.inode = take_number(line, 10);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping.path = line;
  return mapping;
}

/// The lines of smaps between the mappings begin with a capital.
bool begins_mapping(std::string_view line) noexcept {
  return !line.empty() && ((line.front() >= '0' && line.front() <= '9') || (line.front() >= 'a' && line.front() <= 'f'));
}

/// Returns the bytes of `NAME:   123 kB`; 0 if there is no such line.
std::uint64_t bytes_behind(std::string_view name, std::string_view text) noexcept {
  auto const at = text.find(name);
  if (at == text.npos) return 0;
  text.remove_prefix(at + name.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return take_number(text, 10) * 1024;
}

/// Returns the mappings of this process with this letter at this place of `rwxs`.
std::vector<SeenMapping> permitted_mappings(std::size_t place, char letter) {
  std::vector<SeenMapping> mappings;
  each_line(base::read_proc("/proc/self/maps", most_of_maps), [&](std::string_view line) {
    auto const space = line.find(' ');
    if (space == line.npos || line.size() < space + 5 || line[space + 1 + place] != letter) return;
    mappings.push_back(parse(line));
  });
  return mappings;
}

}  // namespace

std::vector<SeenMapping> shared_mappings() { return permitted_mappings(3, 's'); }
std::vector<SeenMapping> executable_mappings() { return permitted_mappings(2, 'x'); }

ForkCost cost_of_fork(pid_t process) {
  std::string const folder = "/proc/" + std::to_string(process) + "/";
  std::string const memory = base::read_proc(folder + "smaps_rollup");
  return {.resident = bytes_behind("\nRss:", memory),
          .anonymous = bytes_behind("\nAnonymous:", memory),
          .huge = bytes_behind("\nAnonHugePages:", memory),
          .page_tables = memory.empty() ? 0 : bytes_behind("\nVmPTE:", base::read_proc(folder + "status"))};
}

std::vector<SeenMapping> flagged_mappings(pid_t process) {
  std::vector<SeenMapping> mappings;
  each_line(base::read_proc("/proc/" + std::to_string(process) + "/smaps", most_of_smaps), [&](std::string_view line) {
    constexpr std::string_view flags = "VmFlags:";
    if (line.starts_with(flags)) {
      if (!mappings.empty()) mappings.back().flags = line.substr(flags.size());
    } else if (begins_mapping(line)) {
      mappings.push_back(parse(line));
    }
  });
  return mappings;
}

}  // namespace forksafe
