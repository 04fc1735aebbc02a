// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Headers by which proxies, load balancers and networks of caches tell whose request they forward, or how. Written as `folded`
/// has them; see RFC 7239, RFC 9110 (7.6.3), and the manuals of the products in the names.
constexpr auto names = std::to_array<std::string_view>(
    {"via", "front-end-https", "surrogate-capability", "x-backend-host", "x-coming-from", "x-host", "x-http-host-override",
     "x-https", "x-queue-start", "x-request-start", "x-rewrite-url", "x-scheme", "x-server-name", "x-url-scheme", "x-varnish"});

constexpr auto beginnings = std::to_array<std::string_view>(
    {"akamai-",  "cdn-",        "cf-",        "fastly-",    "forwarded",    "incap-",     "proxy-",
     "ssl-",     "true-client", "x-akamai-",  "x-amz",      "x-appengine-", "x-arr-",     "x-auth-request-",
     "x-azure-", "x-bluecoat-", "x-cdn",      "x-client-",  "x-cloud-",     "x-cluster-", "x-edge-",
     "x-envoy-", "x-forward",   "x-gateway-", "x-ms-proxy", "x-nf-",        "x-orig",     "x-proxy",
     "x-real-",  "x-ssl-",      "x-traefik",  "x-vercel-",  "x-wap-"});

/// Parts of an unlisted name that show that it speaks of another client.
constexpr auto parts =
    std::to_array<std::string_view>({"-proxy", "client-ip", "clientip", "connecting-ip", "forward", "proxy-client", "real-ip",
                                     "remote-", "script-name", "source-ip", "sourceip", "src-ip", "user-ip"});

/// Folds the spellings of containers and of proxies before them: X-Forwarded-For, X_Forwarded_For, x.forwarded.for.
std::string folded(std::string_view name) {
  std::string result{name};
  for (char& character : result) {
    bool const is_plain = base::is_letter(character) || base::is_digit(character);
    character = is_plain ? base::lower(character) : '-';
  }
  return result;
}

bool tells_of_forwarding(std::string_view header) {
  std::string const name = folded(header);
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::any_of(beginnings, [&](std::string_view begin) { return name.starts_with(begin); }) ||
         std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != name.npos; });
}

}  // namespace

std::string_view forwarding_header(Request const& request) {
  for (HeaderView const& header : request.headers())
    if (tells_of_forwarding(header.name)) return header.name;
  return {};
}

}  // namespace forksafe
