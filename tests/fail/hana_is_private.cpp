// SPDX-License-Identifier: MIT
// expect: (must be declared before it is used|use of undeclared identifier)
import forksafe;

using Leaked = boost::hana::true_;
