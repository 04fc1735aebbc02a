// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <sys/eventfd.h>
#include <unistd.h>
#include "child.hpp"
import forksafe;
import forksafe.audit;
import forksafe.standalone;

namespace {

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy>;

/// The findings in the debug object of a worker whose master has tagged an eventfd, with these allowances.
std::string findings(char const* environment, char const* setting) {
  return in_audited_child([=]() -> std::string {
           ::setenv("FORKSAFE_AUDIT", "1", 1);
           if (environment != nullptr) ::setenv("FORKSAFE_AUDIT_ALLOW", environment, 1);
           auto& app = *new App{"shop"};
           if (setting != nullptr) app.registry().settings().set("audit.allow", setting, "test");
           forksafe::own_descriptor(::eventfd(0, 0), "shop::Orders").detach();
           app.emit<"pre_fork">(forksafe::ApplicationPreFork{});
           return in_child([&] {
                    app.audit();
                    std::string text;
                    for (auto const& finding : app.debug().findings)
                      text += finding.what.substr(0, 7) + " " + finding.where_from + "; ";
                    return text;
                  })
               .text;
         })
      .text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(application)

BOOST_AUTO_TEST_CASE(allowed_by_setting_and_environment) {
  BOOST_TEST(findings(nullptr, nullptr) == "eventfd of shop::Orders; ");
  BOOST_TEST(findings("owner *shop::Orders: woken together", nullptr) == "");
  BOOST_TEST(findings(nullptr, "owner *shop::Orders: woken together") == "");
  BOOST_TEST(findings("owner *shop::Orders", "nonsense") == "eventfd of shop::Orders; ");
}

BOOST_AUTO_TEST_SUITE_END()
