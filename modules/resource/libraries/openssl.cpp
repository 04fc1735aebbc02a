// SPDX-License-Identifier: MIT
module;
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <unistd.h>
module forksafe.resource.openssl;

import forksafe.std.operators;

namespace forksafe {

void OpensslRandomTraits::reseed() {
  if (RAND_poll() == 1) return;
  char reason[256];
  ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
  throw std::runtime_error{std::string{"OpenSSL's random generator cannot be reseeded: "} + reason};
}

void TlsTraits::forget(SSL*& connection) const noexcept {
  int const descriptor = SSL_get_fd(connection);
  if (!detach_descriptor(descriptor)) return;
  BIO* const bio = SSL_get_rbio(connection);
  bool const closes = bio != nullptr && BIO_get_close(bio) == BIO_CLOSE;
  SSL_free(connection);
  if (!closes && descriptor >= 0) ::close(descriptor);
}

int TlsTraits::descriptor(SSL*& connection) const noexcept { return SSL_get_fd(connection); }

void TlsTraits::close(SSL*& connection) const noexcept {
  // A handshake that has not ended leaves no session to shut down, and trying is an error.
  if (SSL_is_init_finished(connection)) SSL_shutdown(connection);
  ERR_clear_error();
  forget(connection);
}

}  // namespace forksafe
