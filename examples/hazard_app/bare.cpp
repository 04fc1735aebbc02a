// SPDX-License-Identifier: MIT
module;
#include <boost/uuid/uuid_io.hpp>
#include <fstream>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <string_view>
#include <thread>
module bare;

import forksafe.audit;

namespace bare {

void Program::load(forksafe::Application&) {
  session_ = hazards::connect_database(registry_);
  cache_ = hazards::connect_cache(registry_);
  std::thread{[this] { pool_.run(); }}.detach();
  // These are all declarations to the audit. It finds threads and open files by itself.
  forksafe::own_descriptor(PQsocket(session_), "PostgreSQL").detach();
  forksafe::own_descriptor(cache_->fd, "Redis").detach();
  forksafe::watch_generator("the tokens", engine_).detach();
  forksafe::watch_lock("the busy lock", lock_).detach();
  log_ = hazards::open_log(registry_);
  hazards::keep_busy(lock_);
}

forksafe::Response Program::handle(forksafe::Request const& request) {
  std::string_view const path = request.path();
  if (path == "/token") return hazards::answer(hazards::draw(engine_));
  if (path == "/identity") return hazards::answer(boost::uuids::to_string(identities_()));
  if (path == "/database") return hazards::answer(hazards::ask(session_));
  if (path == "/cache") return hazards::answer(hazards::ask(cache_));
  if (path == "/lock") return hazards::answer(hazards::take(lock_));
  if (path == "/job") return hazards::answer(hazards::work(pool_.get_executor()));
  if (path == "/debug") return hazards::debug(registry_);
  return hazards::answer("hello");
}

void Program::operator()(forksafe::ApplicationWorkerExit const&) {
  delete log_;
  PQfinish(session_);
}

void Program::operator()(forksafe::ApplicationServerExit const&) {
  delete log_;
  hazards::ask_at_the_end(session_);
}

}  // namespace bare
