// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

import forksafe;
import forksafe.uwsgi;
import toy;

using namespace forksafe;
namespace json = boost::json;

namespace {

struct Rotate {
  void operator()(ApplicationPostFork const&) {}
};
struct Flush {
  static constexpr Phase phase = Phase::locks;
  static constexpr std::string_view name = "flush";
  void operator()(ApplicationPreFork const&) {}
  void operator()(ApplicationPostForkParent const&) {}
};

using App = ForkSafeApp<UwsgiPolicy, Rotate, Flush>;

}  // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(json_shows_every_field_of_the_static_report) {
  json::value const report = json::parse(to_json(App::report));
  BOOST_TEST(report.at("status").as_string() == "uWSGI hook configured");
  BOOST_TEST(report.at("environment").as_string() == "uWSGI");
  BOOST_TEST(report.at("autoconfigure.log").as_array().size() == 2u);
  BOOST_TEST(report.at("wiring").as_array().size() == UwsgiPolicy::wiring.size());
  BOOST_TEST(report.at("requirements").at(0).as_string() == "--master");
  BOOST_TEST(report.at("subscribers").at(0).at("name").as_string() == "flush");
  BOOST_TEST(report.at("subscribers").at(0).at("phase").as_string() == "locks");
  BOOST_TEST(report.at("subscribers").at(0).at("events").at(1).as_string() == "ApplicationPostForkParent");
  BOOST_TEST(report.at("subscribers").at(1).at("events").at(0).as_string() == "ApplicationPostFork");
}

BOOST_AUTO_TEST_CASE(json_of_the_debug_object_has_the_keys_that_tools_read) {
  auto& app = *new App{"shop"};
  json::object const debug = json::parse(to_json(app.debug())).as_object();
  for (char const* const key :
       {"status", "environment", "autoconfigure.log", "executed_hooks", "failures", "wiring", "subscribers", "requirements",
        "processes", "departed", "settings", "unannounced_forks", "audited", "findings", "journal", "incidents"})
    BOOST_TEST(debug.contains(key), key);
  BOOST_TEST(debug.at("environment").is_null());
}

BOOST_AUTO_TEST_CASE(an_executed_hook_is_a_pair_and_a_failed_one_says_so) {
  DebugObject debug{};
  debug.executed_hooks = {{"containers.uwsgi.post_fork_hook", "ApplicationPostFork", false},
                          {"containers.uwsgi.fixup_hook", "ApplicationPostWorkerInit", true}};
  json::value const hooks = json::parse(to_json(debug)).at("executed_hooks");
  BOOST_TEST(json::serialize(hooks) == R"([["containers.uwsgi.post_fork_hook","ApplicationPostFork"],)"
                                       R"(["containers.uwsgi.fixup_hook","ApplicationPostWorkerInit","failed"]])");
}

BOOST_AUTO_TEST_CASE(text_is_aligned_and_complete) {
  std::string const text = to_text(App::report);
  BOOST_TEST(text.starts_with("status: uWSGI hook configured\nenvironment: uWSGI\n"
                              "autoconfigure.log: uWSGI available, uWSGI hook configured\nwiring\n"));
  BOOST_TEST(text.find("\n  ApplicationPostFork        post_fork") != std::string::npos);
  BOOST_TEST(text.find("requirements: --master\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
