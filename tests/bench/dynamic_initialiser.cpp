// SPDX-License-Identifier: MIT
// What initialisers.py must not let pass.
int at_run_time();
int initialised = at_run_time();
