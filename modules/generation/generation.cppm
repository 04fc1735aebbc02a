// SPDX-License-Identifier: MIT
/// Tells which process this is. Stands alone: imports nothing of forksafe but its base, needs no library, has no dynamic
/// initialiser.
export module forksafe.generation;

export import :count;
export import :local;   // count
export import :origin;  // count
export import :prevent;
export import :watch;
