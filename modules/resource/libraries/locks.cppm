// SPDX-License-Identifier: MIT
export module forksafe.resource.locks;

export import forksafe.resource;
import forksafe;
import forksafe.audit;
import forksafe.std;

export namespace forksafe {

/// Finds the object that a template argument names: a pointer, or a function that returns a reference.
template <auto where>
[[nodiscard]] auto& object_at() {
  if constexpr (std::is_pointer_v<decltype(where)> && !std::is_function_v<std::remove_pointer_t<decltype(where)>>) {
    return *where;
  } else {
    return where();
  }
}

template <auto where>
concept FindsLock = requires {
  { object_at<where>().try_lock() } -> std::convertible_to<bool>;
  object_at<where>().unlock();
} || because("name a lock: `&mutex` of static storage, or a function that returns a reference to one");

template <auto where>
concept FindsCondition = requires { object_at<where>().notify_all(); } ||
                         because("name a condition variable: `&variable` of static storage, or a function that returns a "
                                 "reference to one");

}  // namespace forksafe

namespace forksafe {

/// Declares a lock to the audit, if the audit can look into its kind.
template <class Lock>
Declaration watched(std::string_view name, Lock& lock) {
  if constexpr (requires { watch_lock(name, lock); }) {
    return watch_lock(name, lock);
  } else {
    return {};
  }
}

}  // namespace forksafe

export namespace forksafe {

/// Traits of HoldLock: a lock of the standard library, of any kind, or one like them.
///
/// Used as `HoldLock<LockAt<&mutex>>`, or `HoldLock<LockAt<[]() -> auto& { return cache().mutex; }>>`. Code that needs several
/// locks takes them with LocksTogether. The child constructs every kind again in place: the C library knows a thread by its
/// number, which differs in a child, so that the child could unlock neither a recursive nor an exclusively held shared mutex
/// (glibc 2.36). The audit is told of it, and names it as this type is named.
template <auto where>
  requires FindsLock<where>
class LockAt {
 public:
  LockAt() : watched_(watched(subscriber_name<LockAt>(), object_at<where>())) {}

  bool try_lock() { return object_at<where>().try_lock(); }
  void unlock() { object_at<where>().unlock(); }
  void reset() noexcept { remake(object_at<where>()); }

 private:
  Declaration watched_;
};

/// Traits of HoldLock, mostly a part of LocksTogether beside the mutex: a condition variable, constructed again in the child.
///
/// A condition variable that had a waiter at the fork hangs in the child when it is destroyed (glibc 2.36 and 2.41), and sooner
/// or later when it is used (2.36, no longer 2.41). Before the fork, nothing has to be taken.
template <auto where>
  requires FindsCondition<where>
class ConditionAt {
 public:
  ConditionAt() : watched_(watched(subscriber_name<ConditionAt>(), object_at<where>())) {}

  bool try_lock() noexcept { return true; }
  void unlock() noexcept {}
  void reset() noexcept { remake(object_at<where>()); }

 private:
  Declaration watched_;
};

}  // namespace forksafe
