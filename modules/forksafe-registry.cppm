// SPDX-License-Identifier: MIT
module;
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
export module forksafe:registry;

import :settings;

namespace forksafe {

/// Its address identifies the type, without run-time type information.
template <class Type>
inline constexpr char service_key = 0;

}  // namespace forksafe

export namespace forksafe {

/// The application's name, its settings and its services. One per process; a fork copies it. Not thread-safe: change
/// it from hooks, read it from anywhere afterwards.
class Registry {
 public:
  explicit Registry(std::string_view name) : name_(name) {}
  Registry(Registry const&) = delete;
  Registry& operator=(Registry const&) = delete;

  /// The name of the application: what the build gave to forksafe_add_app.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  [[nodiscard]] Settings const& settings() const noexcept { return settings_; }
  [[nodiscard]] Settings& settings() noexcept { return settings_; }

  /// Makes `service` the one of its type. The registry owns it and drops the one before. A service that was made before
  /// the fork and must not be destroyed in a child is handed over as a pointer with a deleter that does nothing.
  template <class Service>
  Service& provide(std::shared_ptr<Service> service) {
    Service& reference = *service;
    put(&service_key<Service>, std::move(service));
    return reference;
  }

  /// The service of this type, null if none was provided.
  template <class Service>
  [[nodiscard]] Service* find() const noexcept {
    return static_cast<Service*>(look_up(&service_key<Service>));
  }

 private:
  void put(void const* key, std::shared_ptr<void> service);
  [[nodiscard]] void* look_up(void const* key) const noexcept;

  std::string name_;
  Settings settings_;
  std::vector<std::pair<void const*, std::shared_ptr<void>>> services_;
};

}  // namespace forksafe
