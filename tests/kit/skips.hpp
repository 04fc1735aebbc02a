// SPDX-License-Identifier: MIT
#pragma once
#include <string>

/// Skips the running test case, and prints the reason. A program whose cases were all skipped exits with status 77, which CTest
/// counts as skipped. A skip beside a case that ran is refused, because CTest would count it as passed.
void skip(std::string const& reason);
