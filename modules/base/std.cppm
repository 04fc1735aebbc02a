// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
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
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
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
#include <tuple>
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
/// No operator is among the names of std, nor what a header befriends, as std::make_shared: Clang 19 refuses the friend of a
/// header's own template where such a using-declaration is visible too. A template that needs one in its users' units includes
/// the header in its interface unit. forksafe::operators keeps the operators for forksafe.std.operators, which implementation
/// units import.
export module forksafe.std;

export namespace std {

using std::array;
using std::atomic;
using std::byte;
using std::condition_variable;
using std::endian;
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
using std::tuple;
using std::tuple_element;
using std::tuple_size;
using std::unique_ptr;
using std::variant;
using std::vector;

using std::int16_t;
using std::int32_t;
using std::int64_t;
using std::ptrdiff_t;
using std::size_t;
using std::time_t;
using std::uint8_t;
using std::uint16_t;
using std::uint32_t;
using std::uint64_t;
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
using std::atomic_thread_fence;
using std::back_inserter;
using std::begin;
using std::bit_cast;
using std::clamp;
using std::construct_at;
using std::copy_n;
using std::destroy_at;
using std::end;
using std::erase;
using std::erase_if;
using std::exchange;
using std::fill;
using std::find_if;
using std::forward;
using std::from_chars;
using std::function;
using std::generic_category;
using std::get;
using std::get_if;
using std::holds_alternative;
using std::iota;
using std::less;
using std::make_move_iterator;
using std::make_unique;
using std::max;
using std::min;
using std::move;
using std::nullopt;
using std::prev;
using std::rotate;
using std::size;
using std::ssize;
using std::stoi;
using std::swap;
using std::tie;
using std::to_address;
using std::to_array;
using std::to_chars;
using std::to_string;
using std::visit;

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

namespace chrono {
using std::chrono::ceil;
using std::chrono::days;
using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;
using std::chrono::time_point;
}  // namespace chrono

namespace ranges {
using std::ranges::all_of;
using std::ranges::any_of;
using std::ranges::binary_search;
using std::ranges::copy;
using std::ranges::count;
using std::ranges::count_if;
using std::ranges::equal;
using std::ranges::find;
using std::ranges::find_if;
using std::ranges::find_if_not;
using std::ranges::greater;
using std::ranges::input_range;
using std::ranges::is_sorted;
using std::ranges::lower_bound;
using std::ranges::min_element;
using std::ranges::none_of;
using std::ranges::range_reference_t;
using std::ranges::rend;
using std::ranges::replace;
using std::ranges::replace_if;
using std::ranges::reverse;
using std::ranges::search;
using std::ranges::sort;
using std::ranges::transform;
using std::ranges::upper_bound;

namespace views {
using std::ranges::views::reverse;
}  // namespace views
}  // namespace ranges

namespace this_thread {
using std::this_thread::sleep_for;
using std::this_thread::yield;
}  // namespace this_thread

namespace views = std::ranges::views;

}  // namespace std

/// The operators of the namespaces that these are named like.
export namespace forksafe::operators {

using std::operator==;
using std::operator<=>;
using std::operator+;
using std::operator-;

namespace chrono {
using std::chrono::operator==;
using std::chrono::operator<=>;
using std::chrono::operator<;
using std::chrono::operator>;
using std::chrono::operator<=;
using std::chrono::operator>=;
using std::chrono::operator+;
using std::chrono::operator-;
using std::chrono::operator*;
using std::chrono::operator/;
using std::chrono::operator%;
}  // namespace chrono

namespace chrono_literals {
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
}  // namespace chrono_literals

}  // namespace forksafe::operators

#if defined(__GLIBCXX__)
// Of the iterators of std::vector and std::string: without them no unit could let a vector grow that has not included one.
export namespace __gnu_cxx {

using __gnu_cxx::operator==;
using __gnu_cxx::operator<=>;
using __gnu_cxx::operator-;
using __gnu_cxx::operator+;

}  // namespace __gnu_cxx
#endif
