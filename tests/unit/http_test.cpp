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
  BOOST_TEST((request.body().data() == source.body_.data()));
}

BOOST_AUTO_TEST_CASE(header_names_compare_as_containers_spell_them) {
  BOOST_TEST(same_header("User-Agent", "USER_AGENT"));
  BOOST_TEST(same_header("", ""));
  BOOST_TEST(!same_header("User-Agent", "User-Agent2"));
  BOOST_TEST(!same_header("A", "B"));
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
  BOOST_TEST((answered<Echo, Takes<2>>().status == 202));
  BOOST_TEST((answered<Echo, Takes<3>>().status == 201));
  BOOST_TEST((answered<Takes<3>, Takes<2>>().status == 202));
}

BOOST_AUTO_TEST_CASE(interceptors_are_asked_in_the_order_of_phases) {
  BOOST_TEST((answered<TakesLast, Takes<2>>().status == 202));
  BOOST_TEST((answered<TakesLast, Takes<3>>().body == "taken last"));
}

BOOST_AUTO_TEST_CASE(without_a_handler_what_nobody_intercepts_is_not_found) {
  BOOST_TEST((answered<Takes<3>>().status == 404));
}

BOOST_AUTO_TEST_CASE(an_interceptor_that_throws_becomes_500) {
  BOOST_TEST((answered<Echo, TakesAndThrows>().status == 500));
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
