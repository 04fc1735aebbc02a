// SPDX-License-Identifier: MIT
// An object with a dynamic initialiser, which initialisers.py must find.
int at_run_time();
int initialised = at_run_time();
