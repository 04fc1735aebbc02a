// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <stdio_ext.h>
export module forksafe.resource.stdio;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of PreForkOnly: writes out what the C streams hold, so that no child writes it again when it ends. C++ streams that
/// do not go through C's, as std::ofstream, are named: `PreForkOnly<FlushStreams<&log>>`.
///
/// A stream that cannot be written to, because the disk is full or the reader gone, vetoes nothing: see PurgeStreams.
/// Waits for a stream that another thread is reading from.
template <auto*... streams>
  requires(std::derived_from<std::remove_pointer_t<decltype(streams)>, std::ostream> && ...)
struct FlushStreams {
  void before_fork() {
    std::fflush(nullptr);
    (..., streams->flush());
  }
};

/// Traits of NotifyChildOnly: forgets in the child what the named C streams hold, because the parent will write it:
/// `NotifyChildOnly<PurgeStreams<&stdout, &log>>`. For unannounced forks, and for what could not be flushed.
template <std::FILE**... streams>
struct PurgeStreams {
  void after_fork_in_child() noexcept { (..., (*streams == nullptr ? void() : ::__fpurge(*streams))); }
};

}  // namespace forksafe
