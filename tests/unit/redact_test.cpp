// SPDX-License-Identifier: MIT
#include "child.hpp"
#include "log.hpp"
#include "print.hpp"
#include <algorithm>
#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <fcntl.h>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <time.h>
#include <unistd.h>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;
namespace data = boost::unit_test::data;

namespace {

/// A line of secrets.txt: the origin of the text, its setting, what must be hidden, and what must be shown.
struct Row {
  std::string name, key, value, secrets, readable;
};

std::vector<std::string> divided(std::string_view text, std::string_view divider) {
  std::vector<std::string> parts;
  for (std::size_t end = 0; end != text.npos;) {
    end = text.find(divider);
    auto part = text.substr(0, end);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    parts.emplace_back(part.substr(0, part.find_last_not_of(' ') + 1));
    text.remove_prefix(end == text.npos ? text.size() : end + divider.size());
  }
  return parts;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t place = 0; place != text.size(); ++place) {
    auto const two = text.substr(place, 2);
    char const meant = two == "\\n" ? '\n' : two == "\\r" ? '\r' : two == "\\p" ? '|' : '\0';
    result += meant == '\0' ? text[place] : meant;
    if (meant != '\0') ++place;
  }
  return result;
}

std::vector<Row> rows() {
  std::ifstream file{FORKSAFE_SECRETS};
  std::vector<Row> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    auto const columns = divided(line + " ", " | ");
    if (columns.size() != 5) throw std::runtime_error{"secrets.txt: not five columns: " + line};
    all.push_back({columns[0], unescaped(columns[1]), unescaped(columns[2]), unescaped(columns[3]), unescaped(columns[4])});
  }
  return all;
}

bool is_harmless(Row const& row) { return row.secrets.empty(); }

std::vector<Row> rows_that_a_log_hides() {
  auto found = rows();
  std::erase_if(found, [](Row const& row) { return is_harmless(row) || redacted_text(row.value) == row.value; });
  return found;
}

std::string repeated(std::string_view text, std::size_t size) {
  std::string result;
  while (result.size() < size) result += text;
  return result;
}

double seconds_of_processor() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Returns the shortest time of several tries, because another process may have emptied the caches.
double cost_of(std::string const& text) {
  double least = 1e9;
  for (int count = 0; count != 3; ++count) {
    auto const start = seconds_of_processor();
    static_cast<void>(redacted_text(text));
    least = std::min(least, seconds_of_processor() - start);
  }
  return least;
}

std::string logged(std::string_view text) {
  return logged_by([text] { log_line(text); });
}

/// A subscriber and a handler that throw the message of a client library, which repeats the address that it was given.
struct Leaks {
  static std::string reason() {
    return std::string(380, 'x') + " cannot reach postgresql://shop:" + std::string(500, 'y') + "@db/shop";
  }
  void operator()(ApplicationPreFork const&) { throw std::runtime_error{"cannot reach postgresql://shop:hunter2@db/shop"}; }
  Response handle(Request const& request) {
    throw std::runtime_error{request.path() == "/short" ? "cannot reach postgresql://shop:hunter2@db/shop" : reason()};
  }
};

class Asked final : public RequestSource {
 public:
  explicit Asked(std::string_view path) : path_(path) {}
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return path_; }
  std::span<HeaderView const> headers() override { return {}; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return "127.0.0.1"; }

 private:
  std::string_view path_;
};

/// Parts that a careless parser would read again and again if they are repeated.
// clang-format off
char const* const repeatable[]{
    "=", ":", "/", "//", "://", "a://b:", "a:b ", "a:b@", "@", "password=", "pw=x;", "pw=x ", "pw: ", "\"",
    "\\", "\\\"", "'", "{", "pw={", "pw:\"", "-", "-u ", "--token ", "eyJ", "Bearer ", "A", "1", "AKIA",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "(\"pw\",", "<pw>", "x@h:1 a:b ", "a:b x ", "secret",
    "jdbc:oracle:", "pw=\n", " ", "\n", "curl ", ",", "pw:x,", "pw=a;b", "Cookie: "};
// clang-format on

char const* const secret_names[]{
    "password", "db.passwd",  "SMTP_PASS",    "secret",     "session.secret_key", "apiKey",  "api-key", "key",
    "keys.0",   "csrf_token", "accessTokens", "sentry.dsn", "AWS_ACCESS_KEY_2",   "keyId",   "auth",    "http.auth",
    "cookie",   "redis_pw",   "pin",          "APIKEYID",   "x-api-key",          "otp_seed"};
char const* const harmless_names[]{
    "",    "keyboard", "redis.keyspace", "database.url", "passenger", "workers",       "dsnap",
    "...", "author",   "pinning",        "key_prefix",   "monkey",    "cookie.secure", "token_ttl"};

/// A value, which names the row, and the text that is shown for it.
struct View {
  char const* name;
  std::string_view shown;
};
constexpr View views[]{{"plain, with a@b.c and 1 = 1", "plain, with a@b.c and 1 = 1"},
                       {"postgresql://user:password@db/x", "postgresql://***@db/x"},
                       {"https://abc@sentry.io/1?a=b", "https://***@sentry.io/1?a=b"},
                       {"amqp://u:p@ss@h:1//v", "amqp://***@h:1//v"},
                       {"pg://u:p/w?#x@db/x", "pg://***@db/x"},
                       {"http://host:8080/@me http://h/a@b", "http://host:8080/@me http://h/a@b"},
                       {"redis://:a@h1/0,redis://:b@h2 redis://h3:1\nredis://c:d@[::1]:2",
                        "redis://***@h1/0,redis://***@h2 redis://h3:1\nredis://***@[::1]:2"},
                       {"http://h/?user=x&password=p&api_key=k&b=1", "http://h/?user=x&password=***&api_key=***&b=1"},
                       {"http://h/#access_token=t", "http://h/#access_token=***"},
                       {"host=db password = 'p \\' q' user=x", "host=db password = *** user=x"},
                       {"password='open", "password=***"},
                       {"password=", "password=***"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(redact)

BOOST_AUTO_TEST_CASE(what_is_thrown_is_logged_without_its_secrets) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Leaks>{"shop"};
  auto const subscriber = logged_by([&app] { app.emit<"before">(ApplicationPreFork{ChildEventContext{toy::master()}}); });
  BOOST_TEST(subscriber.find("threw: cannot reach postgresql://***@db/shop") != subscriber.npos, subscriber);
  auto const answers = [&app](std::string_view path) {
    Asked source{path};
    BOOST_TEST(app.handle(Request{source}).status == 500);
  };
  auto const handler = logged_by([&] { answers("/short"); });
  BOOST_TEST(handler.find("cannot reach postgresql://***@db/shop") != handler.npos, handler);
  auto const cut = logged_by([&] { answers("/long"); });
  BOOST_TEST(cut.find("yyy") == cut.npos, cut);
  BOOST_TEST(cut.find("xxx cannot reach") != cut.npos, cut);
}

BOOST_AUTO_TEST_CASE(what_is_remarked_is_shown_without_its_secrets) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Leaks>{"shop"};
  logged_by([&app] { app.log_note("cannot reach postgresql://shop:hunter2@db/shop"); });
  BOOST_REQUIRE(!app.debug().autoconfigure_log.empty());
  BOOST_TEST(app.debug().autoconfigure_log.back() == "cannot reach postgresql://***@db/shop");
}

BOOST_AUTO_TEST_CASE(a_key_that_nothing_reads_is_told_of_once) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Leaks>{"shop"};
  app.registry().settings().set("audit.alow", "x", "shop.ini:3");
  auto const fork = [&app] {
    app.emit<"before">(ApplicationPreFork{ChildEventContext{toy::master()}});
    app.emit<"after">(ApplicationPostForkParent{ChildEventContext{toy::master()}});
  };
  auto const first = logged_by(fork);
  BOOST_TEST(first.find("shop.ini:3: nothing reads audit.alow: did you mean audit.allow?") != first.npos, first);
  BOOST_TEST(logged_by(fork).find("audit.alow") == std::string::npos);
  BOOST_TEST(app.debug().autoconfigure_log.back().find("audit.alow") != std::string::npos);
}

BOOST_DATA_TEST_CASE(what_real_settings_and_messages_look_like, data::make(rows()), row) {
  auto const shown = redacted({row.key, row.value, "test"});
  BOOST_TEST_INFO_SCOPE(row.key << " = " << row.value << " is shown as " << shown);
  BOOST_TEST(redacted_text(shown) == shown);
  if (is_harmless(row)) {
    BOOST_TEST(shown == row.value);
    return;
  }
  for (auto const& part : divided(row.secrets, " ~ ")) BOOST_TEST(shown.find(part) == shown.npos, part);
  for (auto const& part : divided(row.readable, " ~ ")) BOOST_TEST(shown.find(part) != shown.npos, part);
}

BOOST_AUTO_TEST_CASE(there_are_many_examples_of_both) {
  auto const all = rows();
  BOOST_TEST(all.size() - static_cast<std::size_t>(std::ranges::count_if(all, is_harmless)) >= 120u);
  BOOST_TEST(std::ranges::count_if(all, is_harmless) >= 60);
}

BOOST_DATA_TEST_CASE(the_log_hides_what_the_page_hides, data::make(rows_that_a_log_hides()), row) {
  auto const line = logged(row.value);
  for (auto const& part : divided(row.secrets, " ~ ")) BOOST_TEST(line.find(part) == line.npos, line);
}

BOOST_AUTO_TEST_CASE(the_log_shows_the_rest) {
  BOOST_TEST(logged("worker 3 is ready") == "forksafe: worker 3 is ready\n");
  BOOST_TEST(logged("x password=hunter2 token=hunter2 end") == "forksafe: x password=*** token=*** end\n");
}

BOOST_AUTO_TEST_CASE(nobody_forges_a_line_of_the_log) {
  BOOST_TEST(logged("it threw: 1\r\nforksafe: worker 1 is well \x1b[2J\tpassword=hunter2\x7f") ==
             "forksafe: it threw: 1  forksafe: worker 1 is well ?[2J\tpassword=***\n");
  std::string const long_text = "\n" + std::string(9'000, 'x');
  BOOST_TEST(logged(long_text).size() == 4'096u + std::string_view{"forksafe: \n"}.size());
}

BOOST_AUTO_TEST_CASE(a_line_of_many_secrets_hides_them_all) {
  auto const line = logged("x " + repeated("token=hunter2 y ", 16 * 100));
  BOOST_TEST(line.find("hunter2") == line.npos);
  BOOST_TEST(line.starts_with("forksafe: x token=*** y token=*** y "));
  BOOST_TEST(line.ends_with("\n"));
}

BOOST_DATA_TEST_CASE(the_cost_grows_with_the_text_and_no_faster, data::make(repeatable), part) {
  auto const small = cost_of(repeated(part, 8 * 1024));
  auto const large = cost_of(repeated(part, 16 * 8 * 1024));
  // Sixteen times the time is linear, 256 times is quadratic.
  BOOST_TEST(large < 64 * small + 1e-3);
}

BOOST_AUTO_TEST_CASE(every_byte_is_taken) {
  std::string text;
  for (int byte = 0; byte != 256; ++byte) text += static_cast<char>(byte);
  for (std::size_t begin = 0; begin != text.size(); ++begin) {
    auto const hostile = text.substr(begin) + "password=hunter2" + text.substr(0, begin);
    auto const shown = redacted_text(hostile);
    BOOST_TEST(shown.find("hunter2") == shown.npos);
    BOOST_TEST(redacted_text(shown) == shown);
  }
  BOOST_TEST(redacted_text("").empty());
}

BOOST_DATA_TEST_CASE(secret_names_are_recognised, data::make(secret_names), key) { BOOST_TEST(looks_secret(key)); }

BOOST_DATA_TEST_CASE(harmless_names_are_let_through, data::make(harmless_names), key) { BOOST_TEST(!looks_secret(key)); }

BOOST_DATA_TEST_CASE(what_is_shown_holds_no_secret, data::make(views), view) {
  BOOST_TEST(redacted({"some.url", view.name, "test"}) == view.shown);
}

BOOST_AUTO_TEST_CASE(a_value_with_a_secret_name_is_not_shown) {
  BOOST_TEST(redacted({"session.secret", "abc", "test"}) == "***");
}

BOOST_AUTO_TEST_SUITE_END()
