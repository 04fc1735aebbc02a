// SPDX-License-Identifier: MIT
module;
#include <boost/uuid/uuid_io.hpp>
#include <fstream>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <string_view>
module safe;

namespace safe {

void Program::load(forksafe::Application&) {
  static_cast<void>(get<forksafe::PostgresSession>());
  static_cast<void>(get<forksafe::RedisConnection>());
  static_cast<void>(get<Pool>());
  registry_.find<Log>()->traits().file = hazards::open_log(registry_);
  hazards::keep_busy(lock);
}

forksafe::Response Program::handle(forksafe::Request const& request) {
  std::string_view const path = request.path();
  if (path == "/token") return hazards::answer(hazards::draw(get<Tokens>()));
  if (path == "/identity") return hazards::answer(boost::uuids::to_string(get<Identities>()()));
  if (path == "/database") return hazards::answer(hazards::ask(get<forksafe::PostgresSession>()));
  if (path == "/cache") return hazards::answer(hazards::ask(get<forksafe::RedisConnection>()));
  if (path == "/lock") return hazards::answer(hazards::take(lock));
  if (path == "/job") return hazards::answer(hazards::work(get<Pool>().executor()));
  if (path == "/debug") return hazards::debug(registry_);
  return hazards::answer("hello");
}

void Program::operator()(forksafe::ApplicationWorkerExit const&) {
  delete registry_.find<Log>()->traits().file;
  registry_.find<forksafe::PostgresSession>()->close();
}

void Program::operator()(forksafe::ApplicationServerExit const&) {
  delete registry_.find<Log>()->traits().file;
  hazards::ask_at_the_end(get<forksafe::PostgresSession>());
}

}  // namespace safe
