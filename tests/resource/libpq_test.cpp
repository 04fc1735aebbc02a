// SPDX-License-Identifier: MIT
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <libpq-fe.h>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.libpq;
import forksafe.standalone;
import stock;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace data = boost::unit_test::data;

namespace {

constexpr char const* sslmodes[] = {"disable", "require"};

std::string server(std::string_view sslmode) {
  char const* const server = std::getenv("FORKSAFE_TEST_POSTGRESQL");
  if (server == nullptr) throw std::runtime_error{"run this by with_servers.py postgresql"};
  return std::string{server} + " sslmode=" + std::string{sslmode};
}

/// Returns the first value of the answer, or the error.
std::string ask(PGconn* session, char const* query) {
  PGresult* const result = PQexec(session, query);
  ExecStatusType const status = PQresultStatus(result);
  std::string text = status == PGRES_TUPLES_OK    ? PQgetvalue(result, 0, 0)
                     : status == PGRES_COMMAND_OK ? "ok"
                                                  : PQerrorMessage(session);
  PQclear(result);
  return text;
}

std::string backend(PGconn* session) { return ask(session, "SELECT pg_backend_pid()"); }

void put_over(int descriptor, PGconn* session) {
  ::dup3(descriptor, PQsocket(session), O_CLOEXEC);
  ::close(descriptor);
}

/// An action of a child on the session of its parent, and whether the parent can use the session afterwards as before.
struct Action {
  char const* name;
  void (*run)(PGconn* session);
  bool harmless;
  bool harmless_with_tls = harmless;

  friend std::ostream& operator<<(std::ostream& stream, Action const& action) { return stream << action.name; }
};

constexpr Action actions[] = {
    {"PQfinish", [](PGconn* session) { PQfinish(session); }, false},
    {"PQreset", [](PGconn* session) { PQreset(session); }, false},
    {"_exit", [](PGconn*) { ::_exit(0); }, true},
    {"close and leak", [](PGconn* session) { ::close(PQsocket(session)); }, true},
    {"/dev/null, then PQfinish",
     [](PGconn* session) {
       put_over(::open("/dev/null", O_RDWR), session);
       PQfinish(session);
     },
     true},
    {"dead socket, then PQfinish",
     [](PGconn* session) {
       int ends[2];
       ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
       ::close(ends[1]);
       put_over(ends[0], session);
       PQfinish(session);
     },
     true},
    // Without TLS this works by chance: the child has fetched its answer before the parent asks.
    {"a query with its answer", [](PGconn* session) { ask(session, "SELECT 'child'"); }, true, false},
    {"a query without its answer",
     [](PGconn* session) {
       PQsendQuery(session, "SELECT 'child'");
       PQflush(session);
     },
     false},
};

struct AnyRequest final : RequestSource {
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return "/"; }
  std::span<HeaderView const> headers() override { return {}; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return "127.0.0.1"; }
};

using App = ForkSafeApp<StandalonePolicy, PostgresSession>;

struct Fixture {
  App& app = *new App{"shop"};
  PostgresSession& session = *app.registry().find<PostgresSession>();

  void connect_to(std::string_view sslmode) { app.registry().settings().set("database", server(sslmode), "test"); }
  ~Fixture() { session.close(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(libpq)

BOOST_DATA_TEST_CASE(unprotected_what_a_child_does_with_its_parents_session, data::make(sslmodes) * data::make(actions),
                     sslmode, action) {
  PGconn* const session = PQconnectdb(server(sslmode).c_str());
  BOOST_TEST_REQUIRE(ask(session, "SELECT 'parent'") == "parent");
  bool const tls = PQsslInUse(session) != 0;
  BOOST_TEST(tls == (sslmode == std::string_view{"require"}));
  Worker child{[&](Turn) {
    action.run(session);
    return std::string{};
  }};
  BOOST_TEST(child.result() == "");
  std::string const answer = ask(session, "SELECT 'parent'");
  bool const harmless = answer == "parent";
  BOOST_TEST(harmless == (tls ? action.harmless_with_tls : action.harmless), answer);
  BOOST_TEST_MESSAGE(sslmode << ", " << action.name << ": " << answer);
  PQfinish(session);
}

BOOST_DATA_TEST_CASE(parent_and_children_have_a_session_each, data::make(sslmodes), sslmode) {
  Fixture fixture;
  fixture.connect_to(sslmode);
  std::string const parents = backend(fixture.session.get());
  auto const work = [&](Turn turn) {
    std::string const first = backend(fixture.session.get());
    turn.pass();
    return first == backend(fixture.session.get()) ? first : "its session has changed";
  };
  Worker one{fixture.app, work};
  Worker other{fixture.app, work};
  one.turn().take();
  other.turn().take();
  BOOST_TEST(backend(fixture.session.get()) == parents);
  one.turn().give();
  other.turn().give();
  std::string const ones = one.result(), others = other.result();
  BOOST_TEST(!ones.empty());
  BOOST_TEST(ones.find_first_not_of("0123456789") == ones.npos, ones);
  BOOST_TEST(others.find_first_not_of("0123456789") == others.npos, others);
  BOOST_TEST(ones != parents);
  BOOST_TEST(others != parents);
  BOOST_TEST(ones != others);
  BOOST_TEST(backend(fixture.session.get()) == parents);
}

BOOST_DATA_TEST_CASE(whatever_a_child_does_with_its_own_session_the_parents_stays, data::make(sslmodes) * data::make(actions),
                     sslmode, action) {
  Fixture fixture;
  fixture.connect_to(sslmode);
  std::string const parents = backend(fixture.session.get());
  bool const tls = PQsslInUse(fixture.session.get()) != 0;
  BOOST_TEST(tls == (sslmode == std::string_view{"require"}));
  Worker child{fixture.app, [&](Turn) {
                 action.run(fixture.session.get());
                 return std::string{};
               }};
  BOOST_TEST(child.result() == "");
  BOOST_TEST(backend(fixture.session.get()) == parents);
}

BOOST_DATA_TEST_CASE(a_child_that_never_uses_its_session_leaves_the_parents_alone, data::make(sslmodes), sslmode) {
  Fixture fixture;
  fixture.connect_to(sslmode);
  std::string const parents = backend(fixture.session.get());
  Worker child{fixture.app, [&](Turn) {
                 bool const open = fixture.session.is_open();
                 fixture.session.close();
                 return std::string{open ? "still open" : "forgotten"};
               }};
  BOOST_TEST(child.result() == "forgotten");
  BOOST_TEST(backend(fixture.session.get()) == parents);
}

BOOST_DATA_TEST_CASE(a_fork_that_nobody_announced_is_repaired_at_the_next_use, data::make(sslmodes), sslmode) {
  Fixture fixture;
  fixture.connect_to(sslmode);
  std::string const parents = backend(fixture.session.get());
  Worker child{[&](Turn) {
    std::string const own = backend(fixture.session.get());
    Worker grandchild{[&](Turn) { return backend(fixture.session.get()); }};
    std::string const grandchilds = grandchild.result();
    return own != parents && grandchilds != own && backend(fixture.session.get()) == own ? "its own" : own + " " + grandchilds;
  }};
  BOOST_TEST(child.result() == "its own");
  BOOST_TEST(backend(fixture.session.get()) == parents);
}

BOOST_AUTO_TEST_CASE(an_open_transaction_vetoes_the_fork_and_goes_on_in_the_parent) {
  Fixture fixture;
  fixture.connect_to("require");
  PGconn* const session = fixture.session.get();
  BOOST_TEST(ask(session, "BEGIN") == "ok");
  BOOST_TEST(ask(session, "CREATE TEMP TABLE kept AS SELECT 1 AS one") == "ok");
  Worker child{fixture.app, [](Turn) { return std::string{"served"}; }};
  BOOST_TEST(child.result() == "exit 70");
  BOOST_TEST(failures_of(fixture.app).find("a transaction is open in the session") != std::string::npos,
             failures_of(fixture.app));
  BOOST_TEST(ask(session, "COMMIT") == "ok");
  BOOST_TEST(ask(session, "SELECT one FROM kept") == "1");
  Worker next{fixture.app, [](Turn) { return std::string{"served"}; }};
  BOOST_TEST(next.result() == "served");
}

BOOST_AUTO_TEST_CASE(a_command_under_way_vetoes_the_fork) {
  Fixture fixture;
  fixture.connect_to("disable");
  PGconn* const session = fixture.session.get();
  PQsendQuery(session, "SELECT 'parent'");
  Worker child{fixture.app, [](Turn) { return std::string{"served"}; }};
  BOOST_TEST(child.result() == "exit 70");
  PGresult* const result = PQgetResult(session);
  BOOST_TEST(PQgetvalue(result, 0, 0) == "parent");
  PQclear(result);
  BOOST_TEST(PQgetResult(session) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_in_words) {
  auto const says = [](std::string_view words) {
    return [words](std::runtime_error const& error) {
      return std::string_view{error.what()}.find(words) != std::string_view::npos;
    };
  };
  Fixture fixture;
  BOOST_CHECK_EXCEPTION(static_cast<void>(fixture.session.get()), std::runtime_error, says("there is no setting 'database'"));
  fixture.app.registry().settings().set("database", "host=127.0.0.1 port=1", "test");
  BOOST_CHECK_EXCEPTION(static_cast<void>(fixture.session.get()), std::runtime_error, says("no session with PostgreSQL: "));
}

BOOST_AUTO_TEST_CASE(the_example_answers_in_parent_and_child) {
  auto& app = *new stock::Stock{"stock"};
  app.registry().settings().set("database", server("require"), "test");
  PostgresSession& session = *app.registry().find<PostgresSession>();
  BOOST_TEST(ask(session.get(), "CREATE TABLE stock(item text); INSERT INTO stock VALUES('one'), ('two')") == "ok");
  AnyRequest source;
  auto const answer = [&] { return app.handle(Request{source}).body; };
  Worker child{[&](Turn) { return answer(); }};
  BOOST_TEST(child.result() == "2");
  BOOST_TEST(answer() == "2");
  session.close();
}

BOOST_AUTO_TEST_CASE(the_audit_names_the_owner) {
  Fixture fixture;
  fixture.connect_to("require");
  static_cast<void>(fixture.session.get());
  std::string const found = found_in_child();
  BOOST_TEST(found.find(": of DropAndReopen<PostgresTraits>: 127.0.0.1:") != std::string::npos, found);
}

BOOST_AUTO_TEST_SUITE_END()
