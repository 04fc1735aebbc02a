// SPDX-License-Identifier: MIT
module;
#include <random>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>
module mint;

namespace mint {

pid_t Cache::owner_of(std::string const& key) { return known_.try_emplace(key, ::getpid()).first->second; }

void Mint::load(forksafe::Application&) {
  for (char const* const metal : {"gold", "silver", "copper"}) static_cast<void>(coin(metal));
}

forksafe::Response Mint::handle(forksafe::Request const& request) {
  if (request.path() == "/debug") return {200, {{"Content-Type", "application/json"}}, forksafe::to_json(application_.debug())};
  if (request.path() == "/coin") return {200, {{"Content-Type", "application/json"}}, coin(request.query())};
  return {404, {{"Content-Type", "text/plain"}}, "Not Found\n"};
}

std::string Mint::coin(std::string_view metal) {
  auto& registry = application_.registry();
  return "{\"token\":\"" + std::to_string(registry.find<Tokens>()->get()()) + "\",\"slot\":" + std::to_string(slot_) +
         ",\"pid\":" + std::to_string(::getpid()) +
         ",\"cached_by\":" + std::to_string(registry.find<Cache>()->owner_of(std::string{metal})) + "}";
}

}  // namespace mint
