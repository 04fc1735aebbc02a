// SPDX-License-Identifier: MIT
#include "print.hpp"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;
using namespace std::string_view_literals;
namespace data = boost::unit_test::data;

namespace {

class FixedSource final : public RequestSource {
 public:
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return target_; }
  std::span<HeaderView const> headers() override { return headers_; }
  std::string_view body() override { return body_; }
  std::string_view peer() override { return "127.0.0.1"; }

  std::string target_ = "/a?b=c";
  std::string body_ = "body";
  std::vector<HeaderView> headers_{{"X_Probe", "no"}, {"x-pRoBe", "yes"}, {"X-Probe", "late"}};
};

struct Asked {
  FixedSource source;
  Request const request{source};
};

struct Echo {
  Response handle(Request const& request) {
    return {201, {}, std::string{request.path()} + std::string{request.header("x-probe")} + std::string{request.body()}};
  }
};

/// Answers the paths of this length.
template <std::size_t Length>
struct Takes {
  std::optional<Response> intercept(Request const& request) {
    if (request.path().size() != Length) return {};
    return Response{202, {}, "taken"};
  }
};

struct TakesLast : Takes<2> {
  static constexpr Phase phase = Phase::threads;
  std::optional<Response> intercept(Request const& request) {
    if (auto response = Takes<2>::intercept(request)) return Response{203, {}, response->body + " last"};
    return {};
  }
};

struct TakesAndThrows {
  std::optional<Response> intercept(Request const&) { throw std::runtime_error{"no"}; }
};

/// Asks its own application for what it answers, as an internal redirect does.
struct AsksAgain {
  static inline std::function<Response(Request const&)> application{};
  Response handle(Request const& request) {
    if (request.path() == "/inner") return {200, {}, "inner"};
    Asked inner;
    inner.source.target_ = "/inner";
    return application(inner.request);
  }
};

template <class... Components>
Response answered() {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Components...>{"a"};
  return app.handle(Asked{}.request);
}

struct Splits {
  Response handle(Request const&) { return {302, {{"Location", "a\r\nSet-Cookie: evil=1"}}, ""}; }
};

struct TakesAndSplits {
  std::optional<Response> intercept(Request const&) { return Response{200, {{"A\n", "b"}}, ""}; }
};

struct Throws {
  Response handle(Request const&) { throw std::runtime_error{"no"}; }
};

Response sendable(Response response) {
  make_sendable(response);
  return response;
}

struct Spelling {
  std::string_view name, one, other;
  bool same;
};
constexpr Spelling spellings[]{{"a dash and a line", "User-Agent", "USER_AGENT", true},
                               {"two that are empty", "", "", true},
                               {"a longer one", "User-Agent", "User-Agent2", false},
                               {"another letter", "A", "B", false}};
constexpr Spelling spellings_as_sent[]{{"other cases", "User-Agent", "uSER-aGENT", true},
                                       {"two that are empty", "", "", true},
                                       {"a dash and a line", "User-Agent", "User_Agent", false},
                                       {"a longer one", "a", "ab", false},
                                       {"a bracket and a brace", "[", "{", false}};

/// The row of a target, which is its name.
struct Parts {
  std::string_view name, authority, path, query;
};
constexpr Parts targets[]{{"/a/b?c=d?e", "", "/a/b", "c=d?e"},
                          {"/", "", "/", ""},
                          {"*", "", "*", ""},
                          {"", "", "", ""},
                          {"http://h/a?b", "h", "/a", "b"},
                          {"HTTP://H:80/a", "H:80", "/a", ""},
                          {"hTtPs://u@h/a", "u@h", "/a", ""},
                          {"http://h", "h", "/", ""},
                          {"http://h?a=/b", "h", "/", "a=/b"},
                          {"http://", "", "/", ""},
                          {"http:///a", "", "/a", ""},
                          {"/http://h/a?b", "", "/http://h/a", "b"},
                          {"http:/h/a", "", "http:/h/a", ""},
                          {"ftp://h/a?b", "", "ftp://h/a", "b"},
                          {"/?http://h/", "", "/", "http://h/"}};

struct Text {
  std::string_view name, text;
};
constexpr Text bad_values[]{{"CR LF", "a\r\nb"},     {"LF", "a\nb"},   {"CR", "a\rb"},  {"NUL", "a\0b"sv},
                            {"CR LF alone", "\r\n"}, {"DEL", "a\x7f"}, {"VT", "a\x0b"}, {"a terminal's sequence", "\x1b[2J"}};
constexpr Text bad_names[]{{"empty", ""},    {"a blank", "A B"},    {"a colon", "A:"}, {"CR LF", "A\r\nB"},
                           {"NUL", "A\0"sv}, {"UTF-8", "\xc3\xa9"}, {"a tab", "A\t"},  {"a slash", "A/B"}};
char const* const framing[]{"Content-Length",
                            "content-length",
                            "CONTENT_LENGTH",
                            "Transfer-Encoding",
                            "transfer_encoding",
                            "Connection",
                            "Keep-Alive",
                            "Proxy-Connection",
                            "TE",
                            "Trailer",
                            "Upgrade"};

}  // namespace

BOOST_AUTO_TEST_SUITE(http)

BOOST_FIXTURE_TEST_CASE(a_request_is_views_into_the_source, Asked) {
  BOOST_TEST(request.method() == "GET");
  BOOST_TEST(request.target() == "/a?b=c");
  BOOST_TEST(request.path() == "/a");
  BOOST_TEST(request.query() == "b=c");
  BOOST_TEST(request.header("X-Probe") == "yes");
  BOOST_TEST(request.header("X-Prob") == "");
  BOOST_TEST(request.peer() == "127.0.0.1");
  BOOST_TEST(request.body().data() == source.body_.data());
}

BOOST_DATA_TEST_CASE(header_names_compare_as_containers_spell_them, data::make(spellings), names) {
  BOOST_TEST(same_header(names.one, names.other) == names.same);
}

BOOST_DATA_TEST_CASE(names_that_are_as_they_were_sent_are_not_folded, data::make(spellings_as_sent), names) {
  BOOST_TEST(same_ignoring_case(names.one, names.other) == names.same);
}

BOOST_DATA_TEST_CASE(targets_have_parts, data::make(targets), target) {
  Target const parts = parse_target(target.name);
  BOOST_TEST(parts.authority == target.authority);
  BOOST_TEST(parts.path == target.path);
  BOOST_TEST(parts.query == target.query);
}

BOOST_DATA_TEST_CASE(a_value_that_cannot_be_sent_becomes_500, data::make(bad_values), value) {
  BOOST_TEST(sendable({200, {{"A", "fine"}, {"Location", std::string{value.text}}}, "body"}).status == 500);
}

BOOST_DATA_TEST_CASE(a_name_that_cannot_be_sent_becomes_500, data::make(bad_names), name) {
  BOOST_TEST(sendable({200, {{std::string{name.text}, "value"}}, "body"}).status == 500);
}

BOOST_DATA_TEST_CASE(a_status_that_cannot_be_sent_becomes_500, data::make({-1, 0, 99, 100, 101, 199, 1000, 20000}), status) {
  BOOST_TEST(sendable({status, {}, "body"}).status == 500);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_left_out_and_all_else_is_sent) {
  BOOST_TEST(sendable({200, {{"A", "fine"}, {"Location", std::string(32'768, 'a')}}, "body"}).status == 500);
  using namespace std::string_literals;
  auto const fields = [](std::size_t size) { return std::vector(2, std::pair{"A"s, std::string(size, 'a')}); };
  BOOST_TEST(sendable({200, fields(28'155), ""}).status == 200);
  BOOST_TEST(sendable({200, fields(28'156), ""}).status == 500);
  Response const refused = sendable({302, {{"Set-Cookie", "a"}, {"Location", "a\r\nb"}}, "secret"});
  BOOST_TEST(refused.headers.size() == 1u);
  BOOST_TEST(refused.body == "Internal Server Error\n");
  Response const sent = sendable({204, {{"A", "caf\xc3\xa9\tb"}, {"B", ""}, {"Set-Cookie", "a"}, {"Set-Cookie", "b"}}, "body"});
  BOOST_TEST(sent.status == 204);
  BOOST_TEST(sent.headers.size() == 4u);
}

BOOST_DATA_TEST_CASE(headers_that_frame_the_message_are_the_container_s, data::make(framing), name) {
  Response const response = sendable({200, {{"A", "b"}, {name, "1"}, {"C", "d"}}, ""});
  BOOST_TEST(response.headers.size() == 2u);
  BOOST_TEST(response.headers.back().first == "C");
}

BOOST_AUTO_TEST_CASE(some_answers_have_no_content_and_some_only_its_length) {
  for (int const status : {100, 199, 204, 304}) {
    BOOST_TEST(!sendable_content({status, {}, "body"}, false).length, status);
    BOOST_TEST(sendable_content({status, {}, "body"}, false).bytes == "", status);
  }
  Response const answer{404, {}, "body"};
  BOOST_TEST(sendable_content(answer, false).length.value() == 4u);
  BOOST_TEST(sendable_content(answer, false).bytes.data() == answer.body.data());
  BOOST_TEST(sendable_content(answer, true).length.value() == 4u);
  BOOST_TEST(sendable_content(answer, true).bytes == "");
  BOOST_TEST(sendable_content({200, {}, ""}, false).length.value() == 0u);
}

BOOST_AUTO_TEST_CASE(no_binding_gets_an_answer_that_cannot_be_sent) {
  BOOST_TEST(answered<Splits>().status == 500);
  Response const intercepted = answered<Echo, TakesAndSplits>();
  BOOST_TEST(intercepted.status == 500);
}

BOOST_FIXTURE_TEST_CASE(the_handler_answers, Asked) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Echo>{"a"};
  Response const response = app.handle(request);
  BOOST_TEST(response.status == 201);
  BOOST_TEST(response.body == "/ayesbody");
}

BOOST_FIXTURE_TEST_CASE(an_exception_becomes_500_without_its_text, Asked) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Throws>{"a"};
  Response const response = app.handle(request);
  BOOST_TEST(response.status == 500);
  BOOST_TEST(response.body == "Internal Server Error\n");
}

BOOST_FIXTURE_TEST_CASE(a_serialised_handler_may_ask_its_own_application, Asked) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Serialised<AsksAgain>>{"a"};
  AsksAgain::application = [&app](Request const& inner) { return app.handle(inner); };
  Response const response = app.handle(request);
  BOOST_TEST(response.body == "inner");
}

BOOST_AUTO_TEST_CASE(an_interceptor_answers_before_the_handler_or_lets_the_request_pass) {
  Response const taken = answered<Echo, Takes<2>>();
  Response const passed = answered<Echo, Takes<3>>();
  Response const taken_by_the_second = answered<Takes<3>, Takes<2>>();
  BOOST_TEST(taken.status == 202);
  BOOST_TEST(passed.status == 201);
  BOOST_TEST(taken_by_the_second.status == 202);
}

BOOST_AUTO_TEST_CASE(interceptors_are_asked_in_the_order_of_phases) {
  Response const taken_before = answered<TakesLast, Takes<2>>();
  Response const taken_last = answered<TakesLast, Takes<3>>();
  BOOST_TEST(taken_before.status == 202);
  BOOST_TEST(taken_last.body == "taken last");
}

BOOST_AUTO_TEST_CASE(without_a_handler_what_nobody_intercepts_is_not_found) { BOOST_TEST(answered<Takes<3>>().status == 404); }

BOOST_AUTO_TEST_CASE(an_interceptor_that_throws_becomes_500) {
  Response const response = answered<Echo, TakesAndThrows>();
  BOOST_TEST(response.status == 500);
}

BOOST_AUTO_TEST_CASE(phrases) {
  BOOST_TEST(reason_phrase(200) == "OK");
  BOOST_TEST(reason_phrase(404) == "Not Found");
  BOOST_TEST(reason_phrase(299) == "<unknown-status>");
}

static_assert(!ForkSafeApp<toy::ToyPolicy>::handles_requests);
static_assert(ForkSafeApp<toy::ToyPolicy, Echo>::handles_requests);
static_assert(ForkSafeApp<toy::ToyPolicy, Takes<1>>::handles_requests);

BOOST_AUTO_TEST_SUITE_END()
