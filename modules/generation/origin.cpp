// SPDX-License-Identifier: MIT
module forksafe.generation;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {

InheritedObject::InheritedObject(std::string_view name, std::uint64_t made_in, std::uint64_t used_in)
    : std::logic_error{base::concat(name, " was made in process generation ", made_in, " and is used in generation ", used_in,
                                    ", after a fork that it does not survive: make a new one first")},
      made_in_(made_in),
      used_in_(used_in) {}

bool Origin::is_current_after_a_look() const noexcept { return generation() == made_in_; }

}  // namespace forksafe
