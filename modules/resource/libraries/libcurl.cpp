// SPDX-License-Identifier: MIT
module;
#include <curl/curl.h>
module forksafe.resource.libcurl;

import forksafe.std.operators;

namespace forksafe {

CURL* CurlTraits::open() const {
  CURL* const handle = curl_easy_init();
  if (handle == nullptr) throw std::runtime_error{"libcurl cannot be initialised"};
  return handle;
}

void CurlTraits::close(CURL*& handle) const noexcept { curl_easy_cleanup(handle); }

}  // namespace forksafe
