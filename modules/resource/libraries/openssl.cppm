// SPDX-License-Identifier: MIT
module;
#include <openssl/ssl.h>
#include <string_view>
export module forksafe.resource.openssl;

export import forksafe.resource;

export namespace forksafe {

/// Traits of Reseed for OpenSSL's random generators (3.0 and later).
///
/// OpenSSL notices a fork by a changed process id, which a child in a nested process id namespace need not have: with
/// 3.0 it then draws the bytes that its parent draws (measured with 3.0.19). This reseeds the primary generator from the
/// operating system, and the generators of all threads follow it at their next use.
class OpensslRandomTraits {
 public:
  /// Reseeds. Throws std::runtime_error where OpenSSL gets no entropy.
  void reseed();
};

/// RAND_bytes and everything in OpenSSL that draws from it, separate in each process.
using OpensslRandom = Reseed<OpensslRandomTraits>;

/// The part of DropAndReopen's traits that every TLS connection on a socket shares, as client or server. Derive yours from it:
/// `struct Bank : TlsTraits { SSL* open(); };`, which returns a connection on a socket (SSL_set_fd).
///
/// One record that a child reads or writes breaks the parent's session, whose sequence numbers do not count it; a shutdown ends
/// it. A child frees the parent's SSL on a descriptor that leads nowhere. The SSL_CTX stays usable.
class TlsTraits {
 public:
  using Handle = SSL*;

  void forget(SSL*& connection) const noexcept;
  [[nodiscard]] int descriptor(SSL*& connection) const noexcept;
  /// Tells the peer, does not wait for its answer, closes the socket, and frees the connection.
  void close(SSL*& connection) const noexcept;
};

}  // namespace forksafe
