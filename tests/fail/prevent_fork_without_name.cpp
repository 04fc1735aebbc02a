// SPDX-License-Identifier: MIT
// expect: no matching constructor for initialization of
import forksafe;

void section() { forksafe::PreventFork const guard{}; }
