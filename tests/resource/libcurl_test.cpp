// SPDX-License-Identifier: MIT
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdlib>
#include <curl/curl.h>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>

import forks;
import forksafe;
import forksafe.resource.libcurl;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace data = boost::unit_test::data;

namespace {

constexpr char const* servers[] = {"FORKSAFE_TEST_HTTP", "FORKSAFE_TEST_HTTPS"};

std::string variable(char const* name) {
  char const* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{"run this by with_servers.py http"};
  return value;
}

std::size_t append(char* text, std::size_t, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(text, size);
  return size;
}

struct Answer {
  std::string body;
  /// The number of connections that the request had to open.
  long connections = -1;

  friend bool operator==(Answer const&, Answer const&) = default;
  friend std::ostream& operator<<(std::ostream& stream, Answer const& answer) {
    return stream << "'" << answer.body << "' over " << answer.connections << " new connections";
  }
};

/// Requests a path, with which the server answers.
Answer ask(CURL* handle, std::string const& url, long milliseconds = 10'000) {
  Answer answer;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_CAINFO, variable("FORKSAFE_TEST_CA").c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer.body);
  CURLcode const status = curl_easy_perform(handle);
  if (status != CURLE_OK) answer.body = curl_easy_strerror(status);
  curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &answer.connections);
  return answer;
}

using App = ForkSafeApp<StandalonePolicy, CurlHandle>;

struct Fixture {
  App& app = *new App{"shop"};
  CurlHandle& handle = *app.registry().find<CurlHandle>();

  ~Fixture() { handle.close(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(libcurl, Fixture)

BOOST_AUTO_TEST_CASE(unprotected_the_parent_gets_the_answer_to_its_child) {
  std::string const server = variable("FORKSAFE_TEST_HTTP");
  CURL* const shared = handle.get();
  BOOST_TEST_REQUIRE(ask(shared, server + "/first") == (Answer{"/first", 1}));
  // The server delays this answer until the next request arrives on the same connection.
  Worker child{[&](Turn) { return ask(shared, server + "/held", 200).body; }};
  BOOST_TEST(child.result() == curl_easy_strerror(CURLE_OPERATION_TIMEDOUT));
  BOOST_TEST(ask(shared, server + "/parent") == (Answer{"/held", 0}));
}

BOOST_AUTO_TEST_CASE(unprotected_a_child_that_cleans_up_ends_the_tls_connection_of_its_parent) {
  std::string const server = variable("FORKSAFE_TEST_HTTPS");
  CURL* const shared = handle.get();
  BOOST_TEST_REQUIRE(ask(shared, server + "/first") == (Answer{"/first", 1}));
  BOOST_TEST_REQUIRE(ask(shared, server + "/kept") == (Answer{"/kept", 0}));
  Worker child{[&](Turn) {
    curl_easy_cleanup(shared);
    return std::string{};
  }};
  BOOST_TEST(child.result() == "");
  BOOST_TEST(ask(shared, server + "/parent") != (Answer{"/parent", 0}));
}

BOOST_AUTO_TEST_CASE(unprotected_a_child_that_asks_ends_the_tls_connection_of_its_parent) {
  std::string const server = variable("FORKSAFE_TEST_HTTPS");
  CURL* const shared = handle.get();
  BOOST_TEST_REQUIRE(ask(shared, server + "/first") == (Answer{"/first", 1}));
  Worker child{[&](Turn) { return ask(shared, server + "/child").body; }};
  BOOST_TEST(child.result() == "/child");
  BOOST_TEST(ask(shared, server + "/parent") != (Answer{"/parent", 0}));
}

BOOST_DATA_TEST_CASE(parent_and_children_have_a_handle_each, data::make(servers), variable_of_server) {
  std::string const server = variable(variable_of_server);
  BOOST_TEST_REQUIRE(ask(handle.get(), server + "/first") == (Answer{"/first", 1}));
  auto const work = [&](Turn turn) -> std::string {
    if (handle.is_open()) return "inherited";
    if (ask(handle.get(), server + "/child") != Answer{"/child", 1}) return "not a connection of its own";
    turn.pass();
    Answer const answer = ask(handle.get(), server + "/child");
    handle.close();
    return answer == Answer{"/child", 0} ? "its own" : answer.body;
  };
  Worker one{app, work};
  Worker other{app, work};
  one.turn().take();
  other.turn().take();
  BOOST_TEST(ask(handle.get(), server + "/parent") == (Answer{"/parent", 0}));
  one.turn().give();
  other.turn().give();
  BOOST_TEST(one.result() == "its own");
  BOOST_TEST(other.result() == "its own");
  BOOST_TEST(ask(handle.get(), server + "/parent") == (Answer{"/parent", 0}));
}

BOOST_DATA_TEST_CASE(a_fork_that_nobody_announced_is_repaired_at_the_next_use, data::make(servers), variable_of_server) {
  std::string const server = variable(variable_of_server);
  BOOST_TEST_REQUIRE(ask(handle.get(), server + "/first") == (Answer{"/first", 1}));
  Worker child{[&](Turn) {
    std::string const body = ask(handle.get(), server + "/child").body;
    handle.close();
    return body;
  }};
  BOOST_TEST(child.result() == "/child");
  BOOST_TEST(ask(handle.get(), server + "/parent") == (Answer{"/parent", 0}));
}

BOOST_AUTO_TEST_SUITE_END()
