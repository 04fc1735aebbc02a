// SPDX-License-Identifier: MIT
module;
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
export module hazards;

import forksafe;

/// What a worker does with the things that a program keeps: the same without and with forksafe. Each says in a line what
/// it saw, as `word word ...`, for examples/hazards to compare between the workers.
export namespace hazards {

/// A token as a web application draws it for a session.
[[nodiscard]] std::string draw(std::mt19937_64& engine);

/// Asks for this process's number, and tells whose was answered: `asked 7 answered 7`.
[[nodiscard]] std::string ask(PGconn* session);
[[nodiscard]] std::string ask(redisContext* cache);

/// Whether the lock can be had within a second.
[[nodiscard]] std::string take(std::mutex& lock);

/// Whether a job that is handed to a thread pool is done within a second.
[[nodiscard]] std::string work(boost::asio::io_context::executor_type pool);

/// Opens what both applications talk to; throws if that fails.
[[nodiscard]] PGconn* connect_database(forksafe::Registry const& registry);
[[nodiscard]] redisContext* connect_cache(forksafe::Registry const& registry);

/// A thread that holds the lock nearly always, as that of a busy cache does; it holds it when this returns.
void keep_busy(std::mutex& lock);

/// The log of the setting `log`, with what the master has to say still in its buffer.
[[nodiscard]] std::ofstream* open_log(forksafe::Registry const& registry);

/// In the master, at the end, when all workers have left: one more query, told in the server's log.
void ask_at_the_end(PGconn* session);

/// The debug object.
[[nodiscard]] forksafe::Response debug(forksafe::Registry const& registry);

/// The answer in plain text, with the process that gives it.
[[nodiscard]] forksafe::Response answer(std::string_view text);

}  // namespace hazards
