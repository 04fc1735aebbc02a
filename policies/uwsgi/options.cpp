// SPDX-License-Identifier: MIT
module;
#include <getopt.h>
#include <map>
#include <string>
#include <string_view>
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;

namespace forksafe::uwsgi {
namespace {

constinit char* settings_file = nullptr;
constinit uwsgi_string_list* assignments = nullptr;

constexpr std::string_view own_prefix = "forksafe-";

/// uWSGI's own options as given, those that are repeated as one comma separated list.
void add_uwsgi_options(Settings& settings) {
  std::map<std::string, std::string> values;
  for (int index = 0; index != ::uwsgi.exported_opts_cnt; ++index) {
    uwsgi_opt const& given = *::uwsgi.exported_opts[index];
    std::string_view const name = given.key;
    if (name.starts_with(own_prefix)) continue;
    std::string const value = given.value == nullptr ? "true" : given.value;
    auto const [entry, first] = values.try_emplace(std::string{name}, value);
    if (!first) entry->second += "," + value;
  }
  for (auto const& [name, value] : values) settings.set("uwsgi." + name, value, "uWSGI --" + name);
}

}  // namespace

// Named as uWSGI's own options are; uWSGI changes none of them, whatever their types say.
constinit uwsgi_option options[] = {
    {const_cast<char*>("forksafe-settings"), required_argument, 0,
     const_cast<char*>("read the application's settings from FILE or FILE#NAME"), ::uwsgi_opt_set_str, &settings_file, 0},
    {const_cast<char*>("forksafe-set"), required_argument, 0,
     const_cast<char*>("set one of the application's settings: KEY=VALUE"), ::uwsgi_opt_add_string_list, &assignments, 0},
    {}};

void read_settings(Application& application) {
  application.configure(settings_file == nullptr ? "" : settings_file);
  Settings& settings = application.registry().settings();
  add_uwsgi_options(settings);
  for (uwsgi_string_list const* one = assignments; one != nullptr; one = one->next) {
    std::string_view const text{one->value, one->len};
    std::size_t const equals = text.find('=');
    if (equals == text.npos || equals == 0)
      throw SettingsError{"--forksafe-set " + std::string{text} + ": no key or no value - write it as KEY=VALUE"};
    settings.set(text.substr(0, equals), text.substr(equals + 1), "uWSGI --forksafe-set");
  }
}

}  // namespace forksafe::uwsgi
