// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

import forksafe;
import forksafe.page;
import toy;

using namespace forksafe;

namespace {

struct Asked {
  std::string_view verb = "GET";
  std::string_view place = "/page";
  std::string_view client = "127.0.0.1";
  std::vector<HeaderView> fields{{"Host", "127.0.0.1:8000"}};
};

class Source final : public RequestSource {
 public:
  explicit Source(Asked const& asked) : asked_(asked) {}

  std::string_view method() override { return asked_.verb; }
  std::string_view target() override { return asked_.place; }
  std::string_view header(std::string_view name) override {
    for (auto const& [key, value] : asked_.fields)
      if (same_header(key, name)) return value;
    return {};
  }
  std::span<HeaderView const> headers() override { return asked_.fields; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return asked_.client; }

 private:
  Asked const& asked_;
};

struct Anything {
  Response handle(Request const&) { return {299, {}, "the application's own"}; }
};

struct Leaks {
  void operator()(ApplicationPreFork const&) { throw std::runtime_error{"cannot reach postgresql://shop:hunter2@db/shop"}; }
};

using App = ForkSafeApp<toy::ToyPolicy, Anything, StatusPage>;

App& application(std::vector<std::pair<std::string, std::string>> const& settings) {
  auto& app = *new App{"shop"};
  for (auto const& [key, value] : settings) app.registry().settings().set(key, value, "test");
  app.load();
  return app;
}

Response answer(App& app, Asked const& asked) {
  Source source{asked};
  return app.handle(Request{source});
}

/// Returns the answer of a page with this setting to a client.
Response with_allow(std::string const& allow, Asked const& asked) {
  return answer(application({{"page.path", "/page"}, {"page.allow", allow}}), asked);
}

std::vector<HeaderView> accept(std::string_view types) { return {{"Host", "localhost"}, {"Accept", types}}; }

std::string header(Response const& response, std::string_view name) {
  for (auto const& [key, value] : response.headers)
    if (same_header(key, name)) return value;
  return {};
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(page)

BOOST_AUTO_TEST_CASE(it_is_off_unless_asked_for) {
  BOOST_TEST(answer(application({}), {}).status == 299);
  BOOST_TEST(answer(application({{"page.path", ""}, {"page.allow", "nonsense"}}), {.place = "/"}).status == 299);
}

BOOST_AUTO_TEST_CASE(it_is_at_its_path_and_nowhere_else) {
  App& app = application({{"page.path", "/page"}});
  BOOST_TEST(answer(app, {}).status == 200);
  BOOST_TEST(answer(app, {.place = "/page?x=y"}).status == 200);
  for (std::string_view const other : {"/", "/page/", "/pages", "/pag", "/a/page", "/?/page"})
    BOOST_TEST(answer(app, {.place = other}).status == 299, other);
}

BOOST_AUTO_TEST_CASE(settings_that_cannot_be_meant_are_refused_at_the_start) {
  for (auto const& [key, value] : {std::pair{"page.path", "page"},
                                   {"page.path", "/a b"},
                                   {"page.path", "/a?b"},
                                   {"page.allow", "10.0.0.0/33"},
                                   {"page.allow", "10.0.0.0/"},
                                   {"page.allow", "10.0.0.0/4294967304"},
                                   {"page.allow", "10.0.0.0/+8"},
                                   {"page.allow", "fd00::/8/8"},
                                   {"page.allow", "loopbak"},
                                   {"page.allow", "::1/129"},
                                   {"page.allow", "10.0.0/8"},
                                   {"page.host", "shop.example/"},
                                   {"page.host", "shop.example:80"},
                                   {"page.host", "*.example"}})
    BOOST_CHECK_EXCEPTION(application({{"page.path", "/page"}, {key, value}}), SettingsError, [&](SettingsError const& error) {
      return has(error.what(), "test: ") && has(error.what(), key) && has(error.what(), value) && has(error.what(), " - ");
    });
}

BOOST_AUTO_TEST_CASE(only_this_machine_may_see_it) {
  App& app = application({{"page.path", "/page"}});
  for (std::string_view const client : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    BOOST_TEST(answer(app, {.client = client}).status == 200, client);
  for (std::string_view const client :
       {"10.0.0.7", "128.0.0.1", "::2", "::ffff:10.0.0.7", "", "localhost", "127.0.0.1, 10.0.0.7"}) {
    Response const refused = answer(app, {.client = client});
    BOOST_TEST(refused.status == 403, client);
    BOOST_TEST(has(refused.body, "page.allow"));
    BOOST_TEST(has(refused.body, client));
    BOOST_TEST(header(refused, "X-Content-Type-Options") == "nosniff");
  }
}

BOOST_AUTO_TEST_CASE(who_else_may_see_it_is_said_by_address_network_or_any) {
  BOOST_TEST(with_allow("10.0.0.0/8 ,fd00::/8", {.client = "10.250.0.7"}).status == 200);
  BOOST_TEST(with_allow("10.0.0.0/8 ,fd00::/8", {.client = "::ffff:10.250.0.7"}).status == 200);
  BOOST_TEST(with_allow("10.0.0.0/8 ,fd00::/8", {.client = "fd12::1%eth0"}).status == 200);
  BOOST_TEST(with_allow("10.0.0.0/8 ,fd00::/8", {.client = "11.0.0.7"}).status == 403);
  BOOST_TEST(with_allow("10.0.0.0/8 ,fd00::/8", {.client = "127.0.0.1"}).status == 403);
  BOOST_TEST(with_allow("10.128.0.0/9", {.client = "10.127.0.7"}).status == 403);
  BOOST_TEST(with_allow("10.128.0.0/9", {.client = "10.129.0.7"}).status == 200);
  BOOST_TEST(with_allow("10.0.0.7", {.client = "10.0.0.7"}).status == 200);
  BOOST_TEST(with_allow("10.0.0.7", {.client = "10.0.0.6"}).status == 403);
  BOOST_TEST(with_allow("loopback, 10.0.0.7", {}).status == 200);
  BOOST_TEST(with_allow("0.0.0.0/0", {.client = "1.2.3.4"}).status == 200);
  BOOST_TEST(with_allow("0.0.0.0/0", {.client = "::2"}).status == 403);
  BOOST_TEST(with_allow("any", {.client = ""}).status == 200);
  BOOST_TEST(with_allow("", {}).status == 403);
}

BOOST_AUTO_TEST_CASE(it_is_only_read) {
  App& app = application({{"page.path", "/page"}});
  BOOST_TEST(answer(app, {.verb = "HEAD"}).status == 200);
  for (std::string_view const verb : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    Response const refused = answer(app, {.verb = verb});
    BOOST_TEST(refused.status == 405, verb);
    BOOST_TEST(header(refused, "Allow") == "GET, HEAD");
  }
  BOOST_TEST(answer(app, {.verb = "POST", .client = "10.0.0.7"}).status == 403);
}

BOOST_AUTO_TEST_CASE(the_form_is_chosen_by_the_query_then_by_accept) {
  App& app = application({{"page.path", "/page"}});
  auto const type = [&](Asked const& asked) { return header(answer(app, asked), "Content-Type"); };
  std::string const html = "text/html; charset=utf-8", json = "application/json",
                    metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  BOOST_TEST(type({}) == html);
  BOOST_TEST(type({.place = "/page?format=html", .fields = accept(json)}) == html);
  BOOST_TEST(type({.place = "/page?a=b&format=json"}) == json);
  BOOST_TEST(type({.place = "/page?format=metrics"}) == metrics);
  BOOST_TEST(type({.fields = accept("application/json")}) == json);
  BOOST_TEST(type({.fields = accept("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")}) == html);
  BOOST_TEST(type({.fields = accept("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*;q=0.1")}) ==
             metrics);
  BOOST_TEST(type({.fields = accept("text/html;q=0.2, application/json; q=0.25")}) == json);
  BOOST_TEST(type({.fields = accept("application/json;q=0, image/png")}) == html);
  BOOST_TEST(answer(app, {.place = "/page?format=xml"}).status == 400);
  BOOST_TEST(boost::json::parse(answer(app, {.place = "/page?format=json"}).body).at("status").as_string() ==
             "attempting auto-configure");
}

BOOST_AUTO_TEST_CASE(all_is_asked_for_by_the_query) {
  App& app = application({{"page.path", "/page"}});
  auto const has_count = [&](std::string_view place) {
    return boost::json::parse(answer(app, {.place = place}).body).as_object().contains("left_out");
  };
  BOOST_TEST(has_count("/page?format=json"));
  BOOST_TEST(has_count("/page?format=json&span=all"));
  BOOST_TEST(!has_count("/page?format=json&all"));
  BOOST_TEST(!has_count("/page?all=1&format=json"));
}

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_meant_is_refused_in_words) {
  App& app = application({{"page.path", "/page"}});
  for (std::string_view const value : {"zz", "60s", "0", "-1", "1.5", "+60", "All", "99999999999999999999", "%36%30"}) {
    Response const refused = answer(app, {.place = "/page?span=" + std::string{value}});
    BOOST_TEST(refused.status == 400, value);
    BOOST_TEST(refused.body == "there is no such span: use a number of seconds, as in ?span=3600, or ?span=all\n");
  }
  for (std::string_view const value : {"60", "3600", "all", "", "9223372036854775807"})
    BOOST_TEST(answer(app, {.place = "/page?format=json&span=" + std::string{value}}).status == 200, value);
  for (std::string_view const value : {"x", "0", "no", "11"}) {
    Response const refused = answer(app, {.place = "/page?all=" + std::string{value}});
    BOOST_TEST(refused.status == 400, value);
    BOOST_TEST(refused.body == "'all' takes no value: use ?all, or leave it out\n");
  }
  BOOST_TEST(answer(app, {.place = "/page?all="}).status == 200);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_known_is_ignored_and_the_document_says_so) {
  App& app = application({{"page.path", "/page"}});
  auto const says = [&](std::string_view place, std::string_view name) {
    return has(answer(app, {.place = place}).body, "'" + std::string{name} + "' of the address is ignored: ");
  };
  BOOST_TEST(says("/page?spam=60", "spam"));
  BOOST_TEST(says("/page?span=60&&=&all&format=html&spam", "spam"));
  BOOST_TEST(says("/page?format=content&%3C<b>=1", "%3C&lt;b&gt;"));
  BOOST_TEST(says("/page?" + std::string(1'000, 'x'), std::string(40, 'x') + "…"));
  for (std::string_view const place : {"/page", "/page?span=60&all&format=html", "/page?&=&"})
    BOOST_TEST(!has(answer(app, {.place = place}).body, "of the address is ignored"), place);
}

BOOST_AUTO_TEST_CASE(the_document_is_protected_by_its_headers_and_a_nonce_of_its_own) {
  App& app = application({{"page.path", "/page"}});
  Response const one = answer(app, {}), other = answer(app, {});
  std::string const policy = header(one, "Content-Security-Policy");
  BOOST_TEST(policy.starts_with("default-src 'none'; script-src 'nonce-"));
  BOOST_TEST(!has(policy, "unsafe"));
  std::string const nonce = policy.substr(policy.find("'nonce-") + 7, policy.find("'; style") - policy.find("'nonce-") - 7);
  BOOST_TEST(nonce.size() >= 24u);
  BOOST_TEST(has(one.body, "<style nonce=\"" + nonce + "\">"));
  BOOST_TEST(has(one.body, "<script nonce=\"" + nonce + "\">"));
  BOOST_TEST(!has(other.body, nonce));
  BOOST_TEST(header(one, "X-Content-Type-Options") == "nosniff");
  BOOST_TEST(header(one, "X-Frame-Options") == "DENY");
  BOOST_TEST(header(one, "Referrer-Policy") == "no-referrer");
  BOOST_TEST(header(one, "Cache-Control") == "no-store");
}

BOOST_AUTO_TEST_CASE(secrets_are_redacted_in_every_form) {
  App& app = application({{"page.path", "/page"}, {"db.password", "hunter2"}, {"db.url", "postgresql://shop:hunter2@db/shop"}});
  for (std::string_view const place : {"/page", "/page?format=json", "/page?format=metrics"})
    BOOST_TEST(!has(answer(app, {.place = place}).body, "hunter2"), place);
  BOOST_TEST(has(answer(app, {}).body, "postgresql://***@db/shop"));
}

BOOST_AUTO_TEST_CASE(what_a_subscriber_threw_is_redacted_too) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Leaks>{"shop"};
  app.emit<"before">(ApplicationPreFork{ChildEventContext{toy::master()}});
  BOOST_REQUIRE(app.debug().failures.size() == 1u);
  BOOST_TEST(has(app.debug().failures.front().reason, "cannot reach postgresql://***@db/shop"));
}

BOOST_AUTO_TEST_SUITE_END()
