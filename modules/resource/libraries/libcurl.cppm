// SPDX-License-Identifier: MIT
module;
#include <curl/curl.h>
export module forksafe.resource.libcurl;

export import forksafe.resource;

export namespace forksafe {

/// Traits of NeverTouch for an easy handle of libcurl, with the connections that it keeps.
///
/// libcurl knows no fork: a child that uses the parent's handle writes into its kept connections, and one that cleans it
/// up ends them (with TLS by a close_notify). A child leaks the parent's handle and makes its own at the next use; what
/// it leaks includes descriptors, so that a server sees the end of such a connection when parent and child have
/// ended it. For an own set of options derive and declare `CURL* open()`, which sets them on what
/// `CurlTraits::open()` returns. The same holds for multi and share handles: keep them by traits of your own.
class CurlTraits {
 public:
  using Handle = CURL*;
  static constexpr InChild in_child = InChild::lazily;

  /// Makes a handle. Throws std::runtime_error. The first call initialises libcurl, which is not thread-safe before 7.84.
  [[nodiscard]] CURL* open() const;
  void close(CURL*& handle) const noexcept;
};

/// The easy handle of each process.
using CurlHandle = NeverTouch<CurlTraits>;

}  // namespace forksafe
