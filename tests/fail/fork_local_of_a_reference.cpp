// SPDX-License-Identifier: MIT
// expect: name an object type without const
import forksafe;

forksafe::ForkLocal<int&> number;
