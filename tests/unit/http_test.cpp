// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;

namespace {

class FixedSource final : public RequestSource {
 public:
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return "/a?b=c"; }
  std::string_view path() override { return "/a"; }
  std::string_view query() override { return "b=c"; }
  std::string_view header(std::string_view name) override { return same_header(name, "X_PROBE") ? "yes" : ""; }
  std::span<HeaderView const> headers() override { return {}; }
  std::string_view body() override { return body_; }
  std::string_view peer() override { return "127.0.0.1"; }

  std::string body_ = "body";
};

struct Echo {
  Response handle(Request const& request) {
    return {201, {}, std::string{request.path()} + std::string{request.header("x-probe")} + std::string{request.body()}};
  }
};

/// Answers the paths of one length.
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

template <class... Components>
Response answered() {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Components...>{"a"};
  FixedSource source;
  return app.handle(Request{source});
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

}  // namespace

BOOST_AUTO_TEST_SUITE(http)

BOOST_AUTO_TEST_CASE(a_request_is_views_into_the_source) {
  FixedSource source;
  Request const request{source};
  BOOST_TEST(request.method() == "GET");
  BOOST_TEST(request.target() == "/a?b=c");
  BOOST_TEST(request.query() == "b=c");
  BOOST_TEST(request.peer() == "127.0.0.1");
  BOOST_TEST(request.body().data() == source.body_.data());
}

BOOST_AUTO_TEST_CASE(header_names_compare_as_containers_spell_them) {
  BOOST_TEST(same_header("User-Agent", "USER_AGENT"));
  BOOST_TEST(same_header("", ""));
  BOOST_TEST(!same_header("User-Agent", "User-Agent2"));
  BOOST_TEST(!same_header("A", "B"));
}

BOOST_AUTO_TEST_CASE(names_that_are_as_they_were_sent_are_not_folded) {
  BOOST_TEST(same_ignoring_case("User-Agent", "uSER-aGENT"));
  BOOST_TEST(same_ignoring_case("", ""));
  BOOST_TEST(!same_ignoring_case("User-Agent", "User_Agent"));
  BOOST_TEST(!same_ignoring_case("a", "ab"));
  BOOST_TEST(!same_ignoring_case("[", "{"));
}

BOOST_AUTO_TEST_CASE(targets_have_parts) {
  struct Case {
    std::string_view target, authority, path, query;
  };
  for (auto const& [target, authority, path, query] :
       {Case{"/a/b?c=d?e", "", "/a/b", "c=d?e"}, Case{"/", "", "/", ""}, Case{"*", "", "*", ""}, Case{"", "", "", ""},
        Case{"http://h/a?b", "h", "/a", "b"}, Case{"HTTP://H:80/a", "H:80", "/a", ""}, Case{"hTtPs://u@h/a", "u@h", "/a", ""},
        Case{"http://h", "h", "/", ""}, Case{"http://h?a=/b", "h", "/", "a=/b"}, Case{"http://", "", "/", ""},
        Case{"http:///a", "", "/a", ""}, Case{"/http://h/a?b", "", "/http://h/a", "b"}, Case{"http:/h/a", "", "http:/h/a", ""},
        Case{"ftp://h/a?b", "", "ftp://h/a", "b"}, Case{"/?http://h/", "", "/", "http://h/"}}) {
    Target const parts = target_of(target);
    BOOST_TEST(parts.authority == authority, target);
    BOOST_TEST(parts.path == path, target);
    BOOST_TEST(parts.query == query, target);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_becomes_500) {
  using namespace std::string_literals;
  auto const sendable = [](Response response) {
    make_sendable(response);
    return response;
  };
  for (auto const& value : {"a\r\nb"s, "a\nb"s, "a\rb"s, "a\0b"s, "\r\n"s, "a\x7f"s, "a\x0b"s, "\x1b[2J"s, std::string(32'768, 'a')})
    BOOST_TEST(sendable({200, {{"A", "fine"}, {"Location", value}}, "body"}).status == 500);
  for (auto const& name : {""s, "A B"s, "A:"s, "A\r\nB"s, "A\0"s, "\xc3\xa9"s, "A\t"s, "A/B"s})
    BOOST_TEST(sendable({200, {{name, "value"}}, "body"}).status == 500, name);
  for (int const status : {-1, 0, 99, 100, 101, 199, 1000, 20000}) BOOST_TEST(sendable({status, {}, "body"}).status == 500);
  Response const refused = sendable({302, {{"Set-Cookie", "a"}, {"Location", "a\r\nb"}}, "secret"});
  BOOST_TEST(refused.headers.size() == 1u);
  BOOST_TEST(refused.body == "Internal Server Error\n");
  Response const sent = sendable({204, {{"A", "caf\xc3\xa9\tb"}, {"B", ""}, {"Set-Cookie", "a"}, {"Set-Cookie", "b"}}, "body"});
  BOOST_TEST(sent.status == 204);
  BOOST_TEST(sent.headers.size() == 4u);
}

BOOST_AUTO_TEST_CASE(headers_that_frame_the_message_are_the_container_s) {
  for (auto const* const name : {"Content-Length", "content-length", "CONTENT_LENGTH", "Transfer-Encoding", "transfer_encoding",
                                 "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade"}) {
    Response response{200, {{"A", "b"}, {name, "1"}, {"C", "d"}}, ""};
    make_sendable(response);
    BOOST_TEST(response.headers.size() == 2u, name);
    BOOST_TEST(response.headers.back().first == "C", name);
  }
}

BOOST_AUTO_TEST_CASE(no_binding_gets_an_answer_that_cannot_be_sent) {
  BOOST_TEST(answered<Splits>().status == 500);
  Response const intercepted = answered<Echo, TakesAndSplits>();
  BOOST_TEST(intercepted.status == 500);
}

BOOST_AUTO_TEST_CASE(the_handler_answers) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Echo>{"a"};
  FixedSource source;
  Response const response = app.handle(Request{source});
  BOOST_TEST(response.status == 201);
  BOOST_TEST(response.body == "/ayesbody");
}

BOOST_AUTO_TEST_CASE(an_exception_becomes_500_without_its_text) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Throws>{"a"};
  FixedSource source;
  Response const response = app.handle(Request{source});
  BOOST_TEST(response.status == 500);
  BOOST_TEST(response.body == "Internal Server Error\n");
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

BOOST_AUTO_TEST_CASE(without_a_handler_what_nobody_intercepts_is_not_found) {
  BOOST_TEST(answered<Takes<3>>().status == 404);
}

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
