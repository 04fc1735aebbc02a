// SPDX-License-Identifier: MIT
/// Code that the rooms share and no user of forksafe needs: forksafe does not re-export it. Stands alone, without a library.
export module forksafe.base;

export import :ascii;
export import :errno_guard;
export import :exception;
export import :proc_file;
export import :shared_memory;
export import :text;
