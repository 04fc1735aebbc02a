// SPDX-License-Identifier: MIT
#pragma once
#include <string>

/// Says why the running test case is not tried. A program all of whose cases were skipped ends with status 77, which CTest
/// counts as skipped; a skip beside a case that ran is refused, because CTest would count it as passed.
void skip(std::string const& reason);
