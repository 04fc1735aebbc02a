// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <concepts>
#include <string_view>

import forksafe;
import forksafe.celery;
import forksafe.gunicorn;
import forksafe.standalone;
import forksafe.uwsgi;

// Names what each interface partition exports: one that the primary unit forgets to export fails here, not in a user's build.
// tests/exports.txt lists all names.
namespace {

template <class...>
inline constexpr bool named = true;

static_assert(named<forksafe::Application, forksafe::HostedApplication, forksafe::ForkSafeApp<forksafe::StandalonePolicy>,
                    forksafe::Subscription>);
static_assert(named<forksafe::EventContext, forksafe::ChildEventContext, forksafe::Process, forksafe::ForkWatch>);
static_assert(
    named<forksafe::Report, forksafe::DebugObject, forksafe::WiringRow, forksafe::SubscriberRow, forksafe::ExecutedHook,
          forksafe::FailureRow, forksafe::HeardEvent, forksafe::ProcessRow, forksafe::SettingRow, forksafe::JournalRow,
          forksafe::JournalView, forksafe::IncidentRow, forksafe::DepartedRow, forksafe::DebugBasics, forksafe::SubscribedRow>);
static_assert(
    named<forksafe::described::Value, forksafe::described::Field, forksafe::described::Fields, forksafe::described::List,
          forksafe::described::Table, forksafe::described::Word, forksafe::described::Level, forksafe::described::Labels>);
static_assert(named<forksafe::Journal, forksafe::JournalRecord, forksafe::Incident>);
static_assert(named<forksafe::Registry, forksafe::Setting, forksafe::Settings, forksafe::SettingsError>);
static_assert(named<forksafe::Request, forksafe::RequestSource, forksafe::Response, forksafe::HeaderView, forksafe::Target>);
static_assert(named<forksafe::Wire, forksafe::Requirement, forksafe::Text<3>, forksafe::EventNature, forksafe::ProcessKind,
                    forksafe::AuditProfile>);
static_assert(named<forksafe::IfEmitted<int>, forksafe::OnFailure<forksafe::Failure::open>>);
static_assert(std::same_as<forksafe::if_emitted<int>, forksafe::IfEmitted<int>>);
static_assert(std::same_as<forksafe::serialised<int>, forksafe::Serialised<int>>);
static_assert(named<forksafe::UwsgiPolicy, forksafe::GunicornPolicy, forksafe::CeleryPolicy, forksafe::StandalonePolicy>);
static_assert(forksafe::event_count == 13);
static_assert(forksafe::phase_count == 7);
static_assert(std::same_as<forksafe::EventAt<0>, forksafe::ApplicationPreFork>);
static_assert(
    std::same_as<forksafe::EventAt<forksafe::event_index<forksafe::ApplicationServerExit>>, forksafe::ApplicationServerExit>);
static_assert(forksafe::event_name<forksafe::ApplicationForkFailed> == "ApplicationForkFailed");
static_assert(forksafe::event_name<forksafe::ApplicationWorkerReaped> == "ApplicationWorkerReaped");
static_assert(forksafe::event_name<forksafe::ApplicationWorkerAbort> == "ApplicationWorkerAbort");
static_assert(forksafe::event_name<forksafe::ApplicationServerStarting> == "ApplicationServerStarting");
static_assert(forksafe::event_name<forksafe::ApplicationServerReady> == "ApplicationServerReady");
static_assert(forksafe::event_name<forksafe::ApplicationServerReload> == "ApplicationServerReload");
static_assert(forksafe::event_name<forksafe::ApplicationServerExit> == "ApplicationServerExit");
static_assert(forksafe::event_name<forksafe::ApplicationWorkerReady> == "ApplicationWorkerReady");
static_assert(forksafe::name_of(forksafe::Role::helper) == "helper");
static_assert(forksafe::name_of(forksafe::Support::emulated) == "emulated");
static_assert(forksafe::name_of(forksafe::Phase::event_loops) == "event_loops");
static_assert(forksafe::type_name<int>() == "int");

#ifdef BOOST_HANA_CONFIG_VERSION
#error "Hana's macros must not reach importers"
#endif

}  // namespace

BOOST_AUTO_TEST_SUITE(surface)

BOOST_AUTO_TEST_CASE(secrets_are_recognised_by_name) {
  BOOST_TEST(forksafe::looks_secret("db.password"));
  BOOST_TEST(!forksafe::looks_secret("colour"));
}

BOOST_AUTO_TEST_SUITE_END()
