// SPDX-License-Identifier: MIT
#include <array>
#include <boost/test/unit_test.hpp>
#include <string_view>
#include <tuple>

import forksafe;
import forksafe.celery;
import forksafe.gunicorn;
import forksafe.standalone;
import forksafe.uwsgi;
import toy;

using namespace forksafe;

namespace {

struct Silent {
  void operator()(ApplicationPostFork const&) {}
};

template <class Policy>
using Quiet = ForkSafeApp<Policy, Silent>;

// The original package already had these words, which operators know.
static_assert(Quiet<UwsgiPolicy>::report.status == "uWSGI hook configured");
static_assert(Quiet<UwsgiPolicy>::report.environment == "uWSGI");
static_assert(Quiet<UwsgiPolicy>::report.autoconfigure_log.size() == 2);
static_assert(Quiet<UwsgiPolicy>::report.autoconfigure_log[0] == "uWSGI available");
static_assert(Quiet<UwsgiPolicy>::report.autoconfigure_log[1] == "uWSGI hook configured");
static_assert(Quiet<UwsgiPolicy>::report.requirements.size() == 1);
static_assert(Quiet<UwsgiPolicy>::report.requirements[0] == "--master");
static_assert(Quiet<CeleryPolicy>::report.status == "Celery hook configured");
static_assert(Quiet<CeleryPolicy>::report.environment == "Celery");
static_assert(Quiet<CeleryPolicy>::report.autoconfigure_log[0] == "Celery available");
static_assert(Quiet<CeleryPolicy>::report.autoconfigure_log[1] == "Celery hook configured");
static_assert(Quiet<GunicornPolicy>::report.status == "gunicorn mark_configured");
static_assert(Quiet<GunicornPolicy>::report.environment == "gunicorn");
static_assert(Quiet<GunicornPolicy>::report.autoconfigure_log[0] == "gunicorn mark_configured");
static_assert(Quiet<GunicornPolicy>::report.requirements.empty());
static_assert(Quiet<StandalonePolicy>::report.status == "standalone hook configured");

/// Returns the hook and the source of an event in a policy's report, from its first row.
template <class Policy>
constexpr WiringRow row(std::string_view event) {
  for (WiringRow const& row : Quiet<Policy>::report.wiring)
    if (row.event == event) return row;
  return {};
}

static_assert(row<UwsgiPolicy>("ApplicationPostFork").hook == "post_fork");
static_assert(row<UwsgiPolicy>("ApplicationPreFork").hook == "pre_uwsgi_fork");
static_assert(row<UwsgiPolicy>("ApplicationPreFork").source == Support::native);
static_assert(row<GunicornPolicy>("ApplicationPreFork").hook == "pre_fork");
static_assert(row<GunicornPolicy>("ApplicationPostFork").hook == "post_fork");
static_assert(row<GunicornPolicy>("ApplicationPostWorkerInit").hook == "post_worker_init");
static_assert(row<GunicornPolicy>("ApplicationPostWorkerInit").process == "worker");
static_assert(row<GunicornPolicy>("ApplicationPostForkParent").source == Support::emulated);
static_assert(row<GunicornPolicy>("ApplicationForkFailed").source == Support::absent);

/// What every policy has to promise, whatever else its container offers.
template <class Policy>
constexpr bool keeps_the_seeds_promises =
    emits<Policy, ApplicationPreFork> && emits<Policy, ApplicationPostFork> && emits<Policy, ApplicationPostWorkerInit> &&
    emits<Policy, ApplicationPostForkParent> && emits<Policy, ApplicationWorkerExit> &&
    emits<Policy, ApplicationWorkerReaped> && emits<Policy, ApplicationServerReload>;
static_assert(keeps_the_seeds_promises<UwsgiPolicy>);
static_assert(keeps_the_seeds_promises<GunicornPolicy>);
static_assert(keeps_the_seeds_promises<StandalonePolicy>);

/// An event is in the list only if two of the three containers can raise it.
template <class... Events>
constexpr bool each_has_two_sources =
    ((emits<UwsgiPolicy, Events> + emits<GunicornPolicy, Events> + emits<StandalonePolicy, Events> >= 2) && ...);
static_assert(
    each_has_two_sources<ApplicationPreFork, ApplicationPostFork, ApplicationPostWorkerInit, ApplicationPostForkParent,
                         ApplicationForkFailed, ApplicationWorkerReady, ApplicationWorkerExit, ApplicationWorkerReaped,
                         ApplicationWorkerAbort, ApplicationServerStarting, ApplicationServerReady, ApplicationServerReload,
                         ApplicationServerExit>);

static_assert(support_of<toy::ToyPolicy, ApplicationPreFork> == Support::native);
static_assert(support_of<toy::ToyPolicy, ApplicationWorkerReady> == Support::emulated);
static_assert(support_of<toy::ToyPolicy, ApplicationServerExit> == Support::absent);

}  // namespace

BOOST_AUTO_TEST_SUITE(policy)

using Policies = std::tuple<CeleryPolicy, GunicornPolicy, StandalonePolicy, UwsgiPolicy, toy::ToyPolicy>;
BOOST_AUTO_TEST_CASE_TEMPLATE(every_wire_of_every_policy_is_reported, Policy, Policies) {
  BOOST_TEST(Quiet<Policy>::report.wiring.size() == Policy::wiring.size());
}

BOOST_AUTO_TEST_CASE(a_binding_finds_its_row_by_event_and_hook) {
  auto const child = wire_of<toy::ToyPolicy, ApplicationPostFork, "child">();
  auto const first_use = wire_of<toy::ToyPolicy, ApplicationPostFork, "first_use">();
  bool const of_another_event = Wires<toy::ToyPolicy, ApplicationPostFork, "before">;
  bool const of_a_reason = Wires<toy::ToyPolicy, ApplicationServerExit, "it can't end">;
  BOOST_TEST(child == 5u);
  BOOST_TEST(first_use == 6u);
  BOOST_TEST(!of_another_event);
  BOOST_TEST(!of_a_reason);
}

BOOST_AUTO_TEST_SUITE_END()
