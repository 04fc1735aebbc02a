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

/// The uses that a worker makes of a program's state, the same without and with forksafe. Each returns one line, as
/// `word word ...`, which examples/hazards compares between the workers.
export namespace hazards {

/// Draws a token as a web application does for a session.
[[nodiscard]] std::string draw(std::mt19937_64& engine);

/// Asks the server to return this process's pid, and returns the answer beside it: `asked 7 answered 7`.
[[nodiscard]] std::string ask(PGconn* session);
[[nodiscard]] std::string ask(redisContext* cache);

/// Returns whether the lock can be taken within a second.
[[nodiscard]] std::string take(std::mutex& lock);

/// Returns whether a job that is posted to a thread pool is done within a second.
[[nodiscard]] std::string work(boost::asio::io_context::executor_type pool);

/// Opens the connections of both programs. Throws std::runtime_error on failure.
[[nodiscard]] PGconn* connect_database(forksafe::Registry const& registry);
[[nodiscard]] redisContext* connect_cache(forksafe::Registry const& registry);

/// Starts a thread that holds the lock nearly all the time, as one of a busy cache does. It holds the lock on return.
void keep_busy(std::mutex& lock);

/// Opens the file of the setting `log`, and leaves a line of the master in the stream's buffer.
[[nodiscard]] std::ofstream* open_log(forksafe::Registry const& registry);

/// Makes one more query in the master, after all workers have exited, and logs its result.
void ask_at_the_end(PGconn* session);

/// Returns the debug object as JSON.
[[nodiscard]] forksafe::Response debug(forksafe::Registry const& registry);

/// Returns the text as plain text, after the pid of this process.
[[nodiscard]] forksafe::Response answer(std::string_view text);

}  // namespace hazards
