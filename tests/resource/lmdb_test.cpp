// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <lmdb.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.lmdb;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace {

std::string directory;

struct Stock : LmdbTraits {
  static constexpr std::string_view name = "stock";
  MDB_env* open() { return open_environment(directory.c_str()); }
};
struct EagerStock : Stock {
  static constexpr InChild in_child = InChild::at_once;
};
struct StrictStock : Stock {
  static constexpr InChild in_child = InChild::never;
};

MDB_val value_of(std::string const& text) { return {text.size(), const_cast<char*>(text.data())}; }

std::string said(int status) { return status == MDB_SUCCESS ? "ok" : mdb_strerror(status); }

MDB_txn* begin(MDB_env* environment, unsigned flags, std::string& trouble) {
  MDB_txn* transaction = nullptr;
  trouble = said(mdb_txn_begin(environment, nullptr, flags, &transaction));
  return transaction;
}

MDB_dbi database(MDB_txn* transaction) {
  MDB_dbi database{};
  mdb_dbi_open(transaction, nullptr, 0, &database);
  return database;
}

/// Puts a value and commits.
std::string put(MDB_txn* transaction, std::string const& key, std::string const& text) {
  MDB_val named = value_of(key);
  MDB_val value = value_of(text);
  int const status = mdb_put(transaction, database(transaction), &named, &value, 0);
  return status == MDB_SUCCESS ? said(mdb_txn_commit(transaction)) : said(status);
}

std::string put(MDB_env* environment, std::string const& key, std::string const& text) {
  std::string trouble;
  MDB_txn* const transaction = begin(environment, 0, trouble);
  return transaction == nullptr ? trouble : put(transaction, key, text);
}

std::string get(MDB_txn* transaction, std::string const& key) {
  MDB_val named = value_of(key);
  MDB_val value{};
  int const status = mdb_get(transaction, database(transaction), &named, &value);
  return status == MDB_SUCCESS ? std::string{static_cast<char*>(value.mv_data), value.mv_size} : said(status);
}

std::string get(MDB_env* environment, std::string const& key) {
  std::string trouble;
  MDB_txn* const transaction = begin(environment, MDB_RDONLY, trouble);
  if (transaction == nullptr) return trouble;
  std::string const text = get(transaction, key);
  mdb_txn_abort(transaction);
  return text;
}

/// A process that has inherited no environment, and that overwrites all free pages on command.
class Overwriter {
 public:
  std::string write() {
    process_.turn().give();
    return process_.result();
  }

 private:
  Worker process_{[](Turn turn) -> std::string {
    if (!turn.take()) return "not asked";
    MDB_env* const environment = Stock{}.open();
    for (int count = 0; count != 20; ++count) {
      if (std::string const result = put(environment, "apples", std::string(100, static_cast<char>('a' + count)));
          result != "ok")
        return result;
    }
    return "ok";
  }};
};

template <class Traits>
struct Fixture {
  using Resource = NeverTouch<Traits>;
  using App = ForkSafeApp<StandalonePolicy, Resource>;

  Fixture() {
    char name[] = "/tmp/forksafe-lmdb-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error{"no directory for the environment"};
    directory = name;
  }
  ~Fixture() { std::filesystem::remove_all(directory); }

  App& app = *new App{"stock"};
  Resource& stock = *app.registry().template find<Resource>();
};

/// Returns what a reading transaction sees after `fork(transaction)`, and after a writer has overwritten all pages without a
/// reader.
template <class Test, class Fork>
std::string read_across(Test& test, Overwriter& overwriter, Fork fork) {
  MDB_env* const environment = test.stock.get();
  BOOST_TEST_REQUIRE(put(environment, "apples", "seven") == "ok");
  std::string trouble;
  MDB_txn* const snapshot = begin(environment, MDB_RDONLY, trouble);
  BOOST_TEST_REQUIRE(trouble == "ok");
  BOOST_TEST_REQUIRE(get(snapshot, "apples") == "seven");
  fork(snapshot);
  BOOST_TEST(overwriter.write() == "ok");
  std::string const seen = get(snapshot, "apples");
  mdb_txn_abort(snapshot);
  return seen;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lmdb)

BOOST_FIXTURE_TEST_CASE(unprotected_a_child_that_ends_what_it_inherited_pulls_the_pages_from_under_its_parent, Fixture<Stock>) {
  Overwriter overwriter;
  std::string const seen = read_across(*this, overwriter, [](MDB_txn* snapshot) {
    Worker child{[&](Turn) {
      mdb_txn_abort(snapshot);
      return "ended";
    }};
    BOOST_TEST(child.result() == "ended");
  });
  BOOST_TEST(seen != "seven");
  BOOST_TEST_MESSAGE("the parent read " << seen);
}

BOOST_FIXTURE_TEST_CASE(unprotected_a_child_that_reads_keeps_its_parent_from_reading, Fixture<Stock>) {
  MDB_env* const environment = stock.get();
  BOOST_TEST_REQUIRE(put(environment, "apples", "seven") == "ok");
  BOOST_TEST_REQUIRE(get(environment, "apples") == "seven");
  Worker child{[&](Turn turn) {
    std::string trouble;
    MDB_txn* const transaction = begin(environment, MDB_RDONLY, trouble);
    turn.pass();
    return get(transaction, "apples");
  }};
  child.turn().take();
  BOOST_TEST(get(environment, "apples").find("MDB_BAD_RSLOT") == 0u);
  child.turn().give();
  BOOST_TEST(child.result() == "seven");
}

BOOST_FIXTURE_TEST_CASE(a_child_has_an_environment_of_its_own, Fixture<Stock>) {
  Overwriter overwriter;
  auto const in_child = [&](Turn) {
    std::string const seen = stock.is_open() ? "inherited " : "";
    std::string const result = seen + get(stock.get(), "apples") + " " + put(stock.get(), "pears", "two");
    stock.close();
    return result + " " + get(stock.get(), "pears");
  };
  std::string const seen = read_across(*this, overwriter, [&](MDB_txn*) {
    Worker announced{app, in_child};
    BOOST_TEST(announced.result() == "seven ok two");
    Worker unannounced{in_child};
    BOOST_TEST(unannounced.result() == "seven ok two");
  });
  BOOST_TEST(seen == "seven");
  BOOST_TEST(get(stock.get(), "pears") == "two");
  BOOST_TEST(get(stock.get(), "apples") == std::string(100, 't'));
  BOOST_TEST(put(stock.get(), "apples", "eight") == "ok");
}

BOOST_FIXTURE_TEST_CASE(parent_and_child_read_at_once, Fixture<Stock>) {
  BOOST_TEST_REQUIRE(put(stock.get(), "apples", "seven") == "ok");
  BOOST_TEST_REQUIRE(get(stock.get(), "apples") == "seven");
  Worker child{app, [&](Turn turn) {
                 std::string trouble;
                 MDB_txn* const transaction = begin(stock.get(), MDB_RDONLY, trouble);
                 turn.pass();
                 return get(transaction, "apples");
               }};
  child.turn().take();
  BOOST_TEST(get(stock.get(), "apples") == "seven");
  BOOST_TEST(put(stock.get(), "apples", "eight") == "ok");
  child.turn().give();
  BOOST_TEST(child.result() == "seven");
}

BOOST_FIXTURE_TEST_CASE(a_write_transaction_of_the_parent_goes_on, Fixture<Stock>) {
  std::string trouble;
  MDB_txn* const transaction = begin(stock.get(), 0, trouble);
  Worker child{app, [&](Turn turn) {
                 std::string const before = get(stock.get(), "apples");
                 turn.pass();
                 return before.substr(0, 12) + " " + get(stock.get(), "apples") + " " + put(stock.get(), "pears", "two");
               }};
  child.turn().take();
  BOOST_TEST(put(transaction, "apples", "seven") == "ok");
  child.turn().give();
  BOOST_TEST(child.result() == "MDB_NOTFOUND seven ok");
  BOOST_TEST(get(stock.get(), "pears") == "two");
}

BOOST_FIXTURE_TEST_CASE(threads_of_a_child_end_without_the_slots_of_the_parent, Fixture<Stock>) {
  BOOST_TEST_REQUIRE(put(stock.get(), "apples", "seven") == "ok");
  Worker child{app, [&](Turn) {
                 std::string seen;
                 std::thread{[&] { seen = get(stock.get(), "apples"); }}.join();
                 return seen;
               }};
  BOOST_TEST(child.result() == "seven");
  BOOST_TEST(get(stock.get(), "apples") == "seven");
}

BOOST_FIXTURE_TEST_CASE(a_child_can_have_it_at_once, Fixture<EagerStock>) {
  BOOST_TEST_REQUIRE(put(stock.get(), "apples", "seven") == "ok");
  Worker child{app, [&](Turn) { return stock.is_open() ? get(stock.get(), "apples") : "not open"; }};
  BOOST_TEST(child.result() == "seven");
}

BOOST_FIXTURE_TEST_CASE(a_child_can_be_made_to_say_that_it_wants_one, Fixture<StrictStock>) {
  BOOST_TEST_REQUIRE(put(stock.get(), "apples", "seven") == "ok");
  Worker child{app, [&](Turn) -> std::string {
                 try {
                   return get(stock.get(), "apples");
                 } catch (InheritedObject const& refusal) {
                   return std::string{refusal.what()}.substr(0, 18) + ": " + get(stock.recreate(), "apples");
                 }
               }};
  BOOST_TEST(child.result() == "stock was made in : seven");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_opened_is_named, Fixture<Stock>) {
  directory += "/missing";
  BOOST_CHECK_EXCEPTION(static_cast<void>(stock.get()), std::runtime_error, [](std::runtime_error const& error) {
    return error.what() == directory + " cannot be opened: No such file or directory";
  });
  directory = std::filesystem::path{directory}.parent_path();
}

BOOST_FIXTURE_TEST_CASE(the_audit_names_the_owner, Fixture<Stock>) {
  static_cast<void>(stock.get());
  std::string const found = found_in_child();
  BOOST_TEST(found.find(": of stock: " + directory + "/data.mdb;") != std::string::npos, found);
}

BOOST_AUTO_TEST_SUITE_END()
