// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;
import forksafe.base;
import forksafe.binding;
import forksafe.std.operators;

namespace forksafe::uwsgi {
namespace {

/// The layout with which the plugin was compiled. Volatile, so that the compiler reads the object and not the constants.
struct Abi {
  char version[48];
  std::size_t server_size;
};
constinit Abi const volatile compiled{UWSGI_VERSION, sizeof(uwsgi_server)};

constexpr int modifier_count = 256;

/// uWSGI's table of request plugins before this plugin was entered. uWSGI enters it before `on_load`.
constinit uwsgi_plugin* earlier_plugins[modifier_count]{};

std::string compiled_version() {
  std::string version;
  for (char const volatile& character : compiled.version)
    if (character != '\0') version += character;
  return version;
}

/// Returns the version from -DUWSGI_VERSION in the flags of the running uWSGI, which has it nowhere else.
std::string running_version() {
  char* const flags = ::uwsgi_get_cflags();
  std::string_view const text = flags == nullptr ? "" : flags;
  constexpr std::string_view key = "-DUWSGI_VERSION=\"\\\"";
  std::size_t const begin = text.find(key);
  std::string version;
  if (begin != text.npos) {
    version = text.substr(begin + key.size());
    version.erase(std::min(version.find('\\'), version.size()));
  }
  std::free(flags);
  return version;
}

/// Returns the size of the object `uwsgi` in the running program; 0 if the linker does not know it.
std::size_t running_size() noexcept {
  Dl_info info{};
  void* symbol = nullptr;
  if (::dladdr1(&::uwsgi, &info, &symbol, RTLD_DL_SYMENT) == 0 || symbol == nullptr) return 0;
  return static_cast<ElfW(Sym) const*>(symbol)->st_size;
}

bool size_agrees() noexcept {
  std::size_t const size = running_size();
  return size == 0 || size == compiled.server_size;
}

/// Runs inside dlopen(). Does not read the table if the layout is known to differ.
[[gnu::constructor]] void remember_earlier_plugins() {
  if (size_agrees()) std::ranges::copy(::uwsgi.p, earlier_plugins);
}

[[noreturn]] void refuse(std::string const& reason) {
  log_line(reason);
  ::uwsgi_exit(1);
}

[[noreturn]] void refuse_modifier(std::string_view name, int modifier, uwsgi_plugin const& other) {
  refuse(base::concat(
      "the plugins ", name, " and ", other.name, " both want modifier ", modifier,
      ", and uWSGI keeps only the one that is loaded last: configure with another -DFORKSAFE_UWSGI_MODIFIER=0..255, or "
      "load one of them as N:PLUGIN with a free modifier N"));
}

/// Runs for the generic plugin below, which no other plugin can displace. By now all plugins are loaded.
int check_place() noexcept {
  base::ErrnoGuard const kept_errno;
  uwsgi_plugin const& own = *state.plugin;
  uwsgi_plugin const& found = *::uwsgi.p[own.modifier1];
  if (&found != &own) refuse_modifier(own.name, own.modifier1, found);
  return 0;
}

constinit uwsgi_plugin guard{};

void add_guard() {
  if (::uwsgi.gp_cnt >= MAX_GENERIC_PLUGINS) return;
  guard.name = ::strdup((std::string{state.plugin->name} + " guard").c_str());
  guard.init = &check_place;
  ::uwsgi.gp[::uwsgi.gp_cnt++] = &guard;
}

}  // namespace

constinit State state{};

void check_abi() noexcept {
  std::string const version = running_version();
  bool const same_version = version.empty() || version == compiled_version();
  if (same_version && size_agrees()) return;
  refuse(base::concat("this plugin was built against uWSGI ", compiled_version(), " (uwsgi_server of ", compiled.server_size,
                      " bytes), but the running one is uWSGI ", version, " (", running_size(),
                      " bytes), which lays out its memory differently: configure with "
                      "-DFORKSAFE_UWSGI_PROGRAM=<the running one> and build again"));
}

void loaded(binding::ErasedApplication const& table, void (*on_load)()) noexcept {
  base::ErrnoGuard const kept_errno;
  check_abi();
  auto const own = std::ranges::find(::uwsgi.p, on_load, [](uwsgi_plugin const* plugin) { return plugin->on_load; });
  if (own == std::end(::uwsgi.p))
    refuse("uWSGI calls on_load of a plugin that is not in its table: build the plugin again, against this uWSGI");
  state.hosted = binding::Hosted<Raises>{table};
  state.plugin = *own;
  uwsgi_plugin const* const earlier = earlier_plugins[(*own)->modifier1];
  if (earlier != nullptr && earlier != *own && earlier != &::unconfigured_plugin)
    refuse_modifier((*own)->name, (*own)->modifier1, *earlier);
  add_guard();
}

}  // namespace forksafe::uwsgi
