// SPDX-License-Identifier: MIT
// Compiles Boost.JSON into the wheel, which is installed on machines without Boost. A shared library would also make every fork
// of a worker longer, by its mappings.
#include <boost/json/src.hpp>
