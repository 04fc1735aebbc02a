// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <exception>
#include <functional>
#include <initializer_list>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <ostream>
#include <ranges>
#include <shared_mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// The standard library's names, as the interface units of forksafe use them: what `import std` is from C++23 on.
///
/// An interface unit that includes a header of the standard library makes the compiler write all of that header into its own
/// binary interface once more, and each importer merge the copies (Clang 19: a clean build takes 2.6 times the processor time).
/// An application need not care: it includes what it uses, before its imports.
///
/// No operator is among the names: Clang 19 refuses `friend operator==` of a header's own template where a
/// using-declaration of `std::operator==` is visible too. A body that needs one lives in an implementation unit. A template
/// that needs one in its users' units includes the header in its interface unit.
export module forksafe.std;

export namespace std {

using std::array;
using std::atomic;
using std::byte;
using std::condition_variable;
using std::initializer_list;
using std::list;
using std::lock_guard;
using std::map;
using std::monostate;
using std::mutex;
using std::numeric_limits;
using std::optional;
using std::ostream;
using std::pair;
using std::recursive_mutex;
using std::shared_mutex;
using std::shared_ptr;
using std::span;
using std::string;
using std::string_view;
using std::thread;
using std::unique_ptr;
using std::variant;
using std::vector;

using std::int32_t;
using std::int64_t;
using std::size_t;
using std::time_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;
using std::uint_least32_t;
using std::uintptr_t;

using std::bad_alloc;
using std::errc;
using std::exception;
using std::invalid_argument;
using std::logic_error;
using std::runtime_error;
using std::system_error;

using std::constructible_from;
using std::convertible_to;
using std::default_initializable;
using std::derived_from;
using std::integral;
using std::invocable;
using std::same_as;

using std::bool_constant;
using std::index_sequence;
using std::index_sequence_for;
using std::invoke_result_t;
using std::is_aggregate_v;
using std::is_base_of_v;
using std::is_class_v;
using std::is_const_v;
using std::is_final_v;
using std::is_function_v;
using std::is_object_v;
using std::is_pointer_v;
using std::is_trivially_destructible_v;
using std::is_void_v;
using std::make_index_sequence;
using std::remove_cv_t;
using std::remove_cvref_t;
using std::remove_extent_t;
using std::remove_pointer_t;
using std::type_identity;

using std::addressof;
using std::construct_at;
using std::destroy_at;
using std::erase;
using std::exchange;
using std::forward;
using std::from_chars;
using std::function;
using std::less;
using std::max;
using std::min;
using std::move;
using std::size;
using std::swap;
using std::to_string;

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

namespace chrono {
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;
}  // namespace chrono

namespace ranges {
using std::ranges::copy;
using std::ranges::count;
using std::ranges::input_range;
using std::ranges::range_reference_t;
}  // namespace ranges

namespace this_thread {
using std::this_thread::sleep_for;
using std::this_thread::yield;
}  // namespace this_thread

}  // namespace std

#if defined(__GLIBCXX__)
// Of the iterators of std::vector and std::string: without them no unit could let a vector grow that has not included one.
export namespace __gnu_cxx {

using __gnu_cxx::operator==;
using __gnu_cxx::operator<=>;
using __gnu_cxx::operator-;
using __gnu_cxx::operator+;

}  // namespace __gnu_cxx
#endif
