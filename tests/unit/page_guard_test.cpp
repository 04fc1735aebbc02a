// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

import forksafe;
import forksafe.page;
import toy;

using namespace forksafe;

namespace {

class Source final : public RequestSource {
 public:
  Source(std::string_view client, std::vector<HeaderView> fields, std::string_view place)
      : client_(client), fields_(std::move(fields)), place_(place) {}

  std::string_view method() override { return "GET"; }
  std::string_view target() override { return place_; }
  std::string_view header(std::string_view name) override {
    for (auto const& [key, value] : fields_)
      if (same_header(key, name)) return value;
    return {};
  }
  std::span<HeaderView const> headers() override { return fields_; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return client_; }

 private:
  std::string_view client_;
  std::vector<HeaderView> fields_;
  std::string_view place_;
};

using App = ForkSafeApp<toy::ToyPolicy, StatusPage>;
using Fields = std::vector<HeaderView>;

/// A page with these settings, and its answers.
struct Page {
  explicit Page(std::string const& allow, std::string const& hosts = "") {
    for (auto const& [key, value] : {std::pair{"page.path", std::string{"/page"}}, {"page.allow", allow}, {"page.host", hosts}})
      app.registry().settings().set(key, value, "test");
    app.load();
  }

  Response answer(Fields fields, std::string_view client = "127.0.0.1", std::string_view place = "/page") {
    Source source{client, std::move(fields), place};
    return app.handle(Request{source});
  }
  int for_host(std::string_view host, std::string_view client = "127.0.0.1") { return answer({{"Host", host}}, client).status; }

  App& app = *new App{"shop"};
};

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// The headers of proxies, each with its origin. No browser and no scraper that asks this machine itself sends one.
// clang-format off
constexpr std::string_view forwarding[]{
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
    "X-Forwarded-Scheme", "X-Forwarded-Prefix", "X-Forwarded-Ssl", "X-Forwarded-By", "X-Forwarded-Protocol",
    "X-Forwarded-Path", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded",  // proxies in general; traefik, caddy
    "Forwarded", "Via",                                                           // RFC 7239; RFC 9110, 7.6.3
    "X-Real-IP", "X-Original-Forwarded-For", "X-Original-URI", "X-Original-URL",  // nginx, its ingress controller, IIS
    "X-Original-Host", "X-Rewrite-URL", "X-ARR-SSL", "X-ARR-LOG-ID",              // IIS and its request routing
    "X-Client-IP", "Client-IP", "True-Client-IP", "X-Cluster-Client-IP",          // Apache, Akamai, Rackspace
    "X-NginX-Proxy", "X-Script-Name", "X-SourceIP", "X-Traefik-Router",          // nginx's and others' recipes
    "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Ray", "CF-Visitor", "CDN-Loop", // Cloudflare
    "Fastly-Client-IP", "Fly-Client-IP", "X-Appengine-User-IP", "X-Azure-ClientIP", "X-Azure-SocketIP",
    "X-Amzn-Trace-Id", "X-Amz-Cf-Id", "DO-Connecting-IP", "Incap-Client-IP", "X-Vercel-Forwarded-For",
    "X-Nf-Client-Connection-Ip", "Ali-Cdn-Real-Ip", "Cdn-Src-Ip", "X-Envoy-External-Address",
    "X-Envoy-Peer-Metadata", "WL-Proxy-Client-IP", "Proxy-Client-IP", "X-ProxyUser-Ip", "X-Remote-IP", "X-Remote-Addr",
    "X-Originating-IP", "X-Host", "X-Scheme", "X-Url-Scheme", "Front-End-Https", "X-BlueCoat-Via", "X-Varnish",
    "Forwarded-For", "X-Forward-For", "X-HTTP-Host-Override", "Proxy-Connection", "Surrogate-Capability",
    "X-SSL-Client-Cert", "SSL-Client-Verify", "X-Request-Start", "X-Cloud-Trace-Context", "X-Auth-Request-User", "X-Remote-User",
    "X-Sucuri-ClientIP", "X-Orig-Host", "X-Source-IP", "HTTP-X-Forwarded-For", "Z-Forwarded-For", "X-WAP-Profile"};
// clang-format on

}  // namespace

BOOST_AUTO_TEST_SUITE(page_guard)

BOOST_AUTO_TEST_CASE(what_says_it_was_forwarded_is_refused_in_every_spelling) {
  Page loopback{"loopback"}, listed{"127.0.0.1"}, open{"any"};
  for (std::string_view const name : forwarding) {
    std::string upper{name}, lower{name}, cgi{name}, dotted{name};
    for (char& one : upper) one = one >= 'a' && one <= 'z' ? static_cast<char>(one - 'a' + 'A') : one;
    for (char& one : lower) one = one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
    cgi = upper;
    for (char& one : cgi) one = one == '-' ? '_' : one;
    for (char& one : dotted) one = one == '-' ? '.' : one;
    for (std::string_view const spelled : std::initializer_list<std::string_view>{name, upper, lower, cgi, dotted})
      for (std::string_view const value : {"", " ", "127.0.0.1", "203.0.113.9", "unknown", "for=127.0.0.1", ", , 1.2.3.4"}) {
        for (Fields const& fields :
             {Fields{{"Host", "localhost"}, {spelled, value}}, Fields{{spelled, value}, {"Host", "localhost"}},
              Fields{{spelled, ""}, {"Host", "localhost"}, {spelled, value}}}) {
          Response const refused = loopback.answer(fields);
          BOOST_TEST(refused.status == 403, spelled);
          BOOST_TEST(has(refused.body, spelled));
        }
        // An unknown form shows that the request is admitted. To make the page so often would take too long.
        BOOST_TEST(listed.answer({{"Host", "localhost"}, {spelled, value}}, "127.0.0.1", "/page?format=none").status == 400);
        BOOST_TEST(open.answer({{spelled, value}}, "127.0.0.1", "/page?format=none").status == 400, spelled);
      }
  }
  BOOST_TEST(loopback.answer({{"Host", "localhost"}, {"X-Forwarded-For", "127.0.0.1"}}, "10.0.0.7").status == 403);
}

// clang-format off
constexpr std::string_view ordinary[]{
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection", "Cookie", "DNT",
    "If-None-Match", "Origin", "Pragma", "Priority", "Range", "Referer", "Sec-Fetch-Site", "Sec-CH-UA", "Sec-GPC",
    "Upgrade-Insecure-Requests", "User-Agent", "X-Requested-With", "X-Prometheus-Scrape-Timeout-Seconds",
    "X-Request-ID", "traceparent", "Content-Type", "Content-Length", "TE", "X-Probe"};
// clang-format on

BOOST_AUTO_TEST_CASE(what_browsers_and_scrapers_send_is_not_taken_for_it) {
  Page loopback{"loopback"};
  for (std::string_view const name : ordinary)
    BOOST_TEST(loopback.answer({{"Host", "localhost"}, {name, "a"}}).status == 200, name);
}

// clang-format off
constexpr std::string_view foreign[]{
    "evil.example", "localhost.evil.example:80", "10.0.0.7", "[::2]:80", "0.0.0.0", "[::]", "", " ", ":80", "localhost.",
    "localhost..", ".localhost", "local_host", "127.0.0.1.", "127.0.0.1:80:80", "127.0.0.1:x", "127.0.0.1:800000",
    "127.0.0.1 ", " localhost", "[::1", "::1", "[::1]x", "[]", "[", "]", "[localhost]", "[127.0.0.1]", "[::1%lo]",
    "localhost@evil", "evil@localhost", "evil:pw@localhost", "localhost/evil", "http://localhost", "localhost, evil",
    "localhost,localhost", "localhost evil", "localhost#", "localhost?", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433",
    "0177.0.0.1", "127.0.0.01", "127.0.0.0/8", "::1/128", "loopback", "any", "localhost%00", "\xe2\x93\x9b"};
// clang-format on

BOOST_AUTO_TEST_CASE(only_a_host_of_this_machine_s_own_is_asked_for_over_loopback) {
  Page loopback{"loopback"};
  for (std::string_view const host : {"localhost", "LOCALHOST:80", "localhost:", "127.0.0.1:8000", "127.9.9.9", "[::1]:80",
                                      "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:1"})
    for (std::string_view const client : {"127.0.0.1", "::1"}) BOOST_TEST(loopback.for_host(host, client) == 200, host);
  for (std::string_view const host : foreign) {
    BOOST_TEST(loopback.for_host(host) == 403, host);
  }
}

BOOST_AUTO_TEST_CASE(a_listed_client_asks_for_an_address_or_a_name_that_is_listed_too) {
  Page network{"10.0.0.0/8 fd00::/8 127.0.0.1"}, named{"10.0.0.0/8", "shop.example, other"};
  for (std::string_view const client : {"10.1.2.3", "fd12::1", "127.0.0.1"}) {
    for (std::string_view const host : {"10.0.0.7:8000", "192.168.1.5", "[fd00::7]:8000", "127.0.0.1", "localhost", "[::1]"})
      BOOST_TEST(network.for_host(host, client) == 200, host);
    for (std::string_view const host : {"evil.example", "shop.example", "shop.example:8000", "", "10.1", "0xa.1", "167772161",
                                        "10.0.0.7.evil.example", "[fd00::7", "10.0.0.7:80:80", "evil@10.0.0.7", "localhost."})
      BOOST_TEST(network.for_host(host, client) == 403, host);
  }
  for (std::string_view const host : {"shop.example", "SHOP.example:8000", "other", "10.0.0.7", "localhost"})
    BOOST_TEST(named.for_host(host, "10.1.2.3") == 200, host);
  for (std::string_view const host :
       {"evil.example", "shop.example.", "a.shop.example", "shop_example", "another", "shop.example,other"})
    BOOST_TEST(named.for_host(host, "10.1.2.3") == 403, host);
  BOOST_TEST(named.for_host("shop.example", "11.0.0.1") == 403);
  Page internal{"loopback", "shop.internal"};
  BOOST_TEST(internal.for_host("shop.internal:8000") == 200);
  BOOST_TEST(internal.for_host("shop.external:8000") == 403);
  Response const forwarded = internal.answer({{"Host", "shop.internal"}, {"Via", ""}});
  BOOST_TEST(forwarded.status == 403);
  Response const refused = network.answer({{"Host", "evil.example"}}, "10.1.2.3");
  BOOST_TEST(has(refused.body, "evil.example"));
  BOOST_TEST(has(refused.body, "page.host"));
}

BOOST_AUTO_TEST_CASE(the_host_is_named_once) {
  for (auto const* const allow : {"loopback", "127.0.0.1"}) {
    Page page{allow};
    BOOST_TEST(page.answer({}).status == 403);
    BOOST_TEST(page.answer({{"Host", "localhost"}, {"Host", "localhost"}}).status == 403);
    BOOST_TEST(page.answer({{"Host", "localhost"}, {"HOST", "evil.example"}}).status == 403);
    BOOST_TEST(page.answer({{"Host", "evil.example"}, {"Host", "localhost"}}).status == 403);
    BOOST_TEST(page.answer({{"Host", ""}, {"host", "localhost"}}).status == 403);
  }
  BOOST_TEST(Page{"any"}.answer({}).status == 200);
  BOOST_TEST(Page{"any"}.for_host("evil.example", "203.0.113.9") == 200);
}

BOOST_AUTO_TEST_CASE(a_host_in_the_target_counts_too) {
  for (auto const* const allow : {"loopback", "127.0.0.1"}) {
    Page page{allow};
    auto const ask = [&](std::string_view target, std::string_view host) {
      return page.answer({{"Host", host}}, "127.0.0.1", target).status;
    };
    BOOST_TEST(ask("http://localhost:8000/page", "localhost:8000") == 200);
    BOOST_TEST(ask("HTTP://127.0.0.1/page?format=json", "localhost") == 200);
    for (std::string_view const target : {"http://evil.example/page", "HTTPS://evil.example:80/page",
                                          "http://localhost@evil.example/page", "http://localhost./page"})
      BOOST_TEST(ask(target, "localhost") == 403, target);
    BOOST_TEST(ask("http://localhost/page", "evil.example") == 403);
  }
}

BOOST_AUTO_TEST_SUITE_END()
