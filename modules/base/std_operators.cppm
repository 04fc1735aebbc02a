// SPDX-License-Identifier: MIT
/// The standard library's names with its operators, as the implementation units of forksafe use them.
///
/// An implementation unit that imports this includes headers of C, and those whose names forksafe.std lacks: each header of
/// the standard library that it reads costs it up to 0.3 s. A unit that includes a C++ library includes what it uses instead.
export module forksafe.std.operators;

export import forksafe.std;

export namespace std {

using forksafe::operators::operator==;
using forksafe::operators::operator<=>;
using forksafe::operators::operator+;
using forksafe::operators::operator-;

namespace chrono {
using forksafe::operators::chrono::operator==;
using forksafe::operators::chrono::operator<=>;
using forksafe::operators::chrono::operator<;
using forksafe::operators::chrono::operator>;
using forksafe::operators::chrono::operator<=;
using forksafe::operators::chrono::operator>=;
using forksafe::operators::chrono::operator+;
using forksafe::operators::chrono::operator-;
using forksafe::operators::chrono::operator*;
using forksafe::operators::chrono::operator/;
using forksafe::operators::chrono::operator%;
}  // namespace chrono

inline namespace literals {
inline namespace chrono_literals {
using forksafe::operators::chrono_literals::operator""s;
using forksafe::operators::chrono_literals::operator""ms;
}  // namespace chrono_literals
}  // namespace literals

}  // namespace std
