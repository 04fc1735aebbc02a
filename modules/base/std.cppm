// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <list>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

/// The standard library's names, as the interface units of forksafe use them: what `import std` is from C++23 on.
///
/// An interface unit that imports forksafe and includes a header of the standard library itself makes the compiler
/// write all of that header into its own binary interface once more (Clang 19: 2.4 s of processor time instead of
/// 0.2 s for forksafe.page:view). An application need not care: it includes what it uses, before its imports.
///
/// No operator is among the names: Clang 19 refuses `friend operator==` of a header's own template where a
/// using-declaration of `std::operator==` is visible too. A body that needs one, as those of std::vector need the
/// iterators', lives in an implementation unit, or its interface unit includes the header.
export module forksafe.std;

export namespace std {

using std::array;
using std::atomic;
using std::initializer_list;
using std::list;
using std::optional;
using std::ostream;
using std::pair;
using std::shared_ptr;
using std::span;
using std::string;
using std::string_view;
using std::thread;
using std::unique_ptr;
using std::vector;

using std::int64_t;
using std::size_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

using std::bad_alloc;
using std::exception;
using std::runtime_error;

using std::constructible_from;
using std::convertible_to;
using std::default_initializable;
using std::derived_from;
using std::same_as;

using std::index_sequence;
using std::is_function_v;
using std::is_pointer_v;
using std::make_index_sequence;
using std::remove_pointer_t;
using std::type_identity;

using std::construct_at;
using std::exchange;
using std::forward;
using std::function;
using std::max;
using std::min;
using std::move;
using std::size;
using std::swap;

namespace chrono {
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
}  // namespace chrono

namespace ranges {
using std::ranges::copy;
using std::ranges::count;
using std::ranges::input_range;
using std::ranges::range_reference_t;
}  // namespace ranges

namespace this_thread {
using std::this_thread::sleep_for;
}  // namespace this_thread

}  // namespace std
