// SPDX-License-Identifier: MIT
export module forksafe:registry;

import :name;
import :settings;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// Its address identifies the type, without run-time type information.
template <class Type>
inline constexpr std::string_view service_key = short_name<Type>;

/// A type by which a service is found: `get` returns a reference that is not const.
template <class Type>
concept Changeable = !std::is_const_v<Type> ||
                     because("give the registry a service that is not const: `get` returns it by reference to change it, "
                             "and whoever must not may take that as `Service const&`");

}  // namespace forksafe

namespace forksafe {
class Asking;
}

export namespace forksafe {

/// Thrown by Registry::get: says what is wanted, what there is, and what to do.
class NotProvided : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace forksafe

// Declared in forksafe.policy too, and therefore attached to no module.
extern "C++" {
export namespace forksafe {

/// The application's name, its settings and its services. One per process; a fork copies it. Not thread-safe: change it from
/// hooks, read it from anywhere afterwards.
class Registry {
 public:
  explicit Registry(std::string_view name) : name_(name) {}
  Registry(Registry const&) = delete;
  Registry& operator=(Registry const&) = delete;

  /// Returns the name of the application: what the build gave to forksafe_add_app.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  [[nodiscard]] Settings const& settings() const noexcept { return settings_; }
  [[nodiscard]] Settings& settings() noexcept { return settings_; }

  /// Makes `service`, which is not null, the one of its type. The registry owns it and drops the one before.
  template <Changeable Service>
  Service& provide(std::shared_ptr<Service> service) {
    if (!service) refuse_null(service_key<Service>);
    Service& reference = *service;
    put(&service_key<Service>, std::move(service));
    return reference;
  }

  /// Makes `service`, which outlives the process, the one of its type. For what was made before the fork and must not be
  /// destroyed in a child.
  template <Changeable Service>
  void lend(Service& service) {
    put_lent(&service_key<Service>, &service);
  }

  /// Returns the service of this type, null if none was provided. A component of the application's list is provided to those
  /// after it, under the type by which it is listed; one of the framework's resources under its kind, too.
  template <class Service>
  [[nodiscard]] Service* find() const noexcept {
    return static_cast<Service*>(look_up(&service_key<Service>));
  }

  /// Returns the service of this type. Throws NotProvided.
  template <class Service>
  [[nodiscard]] Service& get() const {
    if (void* const service = look_up(&service_key<Service>)) return *static_cast<Service*>(service);
    lack(service_key<Service>);
  }

 private:
  friend class Asking;

  void put(std::string_view const* key, std::shared_ptr<void> service);
  void put_lent(std::string_view const* key, void* service);
  [[nodiscard]] void* look_up(std::string_view const* key) const noexcept;
  [[noreturn]] void lack(std::string_view service) const;
  [[noreturn]] static void refuse_null(std::string_view service);

  std::string name_;
  Settings settings_;
  std::vector<std::pair<std::string_view const*, std::shared_ptr<void>>> services_;
  /// The component that is being made, loaded or called, so that a cure can name it; empty if none is.
  std::string_view asker_{};
};

}  // namespace forksafe
}

namespace forksafe {

/// Names a component to the registry while it is made, loaded or called.
class Asking {
 public:
  Asking(Registry& registry, std::string_view component) noexcept
      : registry_(registry), before_(std::exchange(registry.asker_, component)) {}
  Asking(Asking const&) = delete;
  Asking& operator=(Asking const&) = delete;
  ~Asking() { registry_.asker_ = before_; }

  /// Names a component until the next call.
  static void set(Registry& registry, std::string_view component) noexcept { registry.asker_ = component; }

 private:
  Registry& registry_;
  std::string_view before_;
};

}  // namespace forksafe
