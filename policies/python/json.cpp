// SPDX-License-Identifier: MIT
// Boost.JSON as part of the wheel, which is installed where no Boost is. Each library that is mapped would make every fork of
// a worker longer, too.
#include <boost/json/src.hpp>
