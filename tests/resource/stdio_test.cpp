// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.stdio;
import forksafe.standalone;

using namespace forksafe;

namespace {

std::FILE* c_log = nullptr;
std::ofstream cpp_log;

/// A line in the buffer of each kind of stream, all on one file.
struct Lines {
  Lines() {
    // Empties the test runner's buffers, so that nothing of them is written twice.
    std::fflush(nullptr);
    int const file = ::mkstemp(path);
    c_log = ::fdopen(file, "a");
    cpp_log.open(path, std::ios::app);
    std::fputs("c ", c_log);
    cpp_log << "c++ ";
  }
  ~Lines() {
    if (c_log != nullptr) std::fclose(c_log);
    c_log = nullptr;
    cpp_log.close();
    ::unlink(path);
  }
  std::string content() {
    std::fflush(c_log);
    cpp_log.flush();
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  char path[32] = "/tmp/forksafe.stdio.XXXXXX";
};

/// Returns what a child writes at an orderly exit.
std::string ends() {
  std::fflush(nullptr);
  cpp_log.flush();
  return "ended";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stdio)

BOOST_AUTO_TEST_CASE(unprotected_lines_are_written_twice) {
  Lines lines;
  BOOST_TEST(in_child(ends).text == "ended");
  BOOST_TEST(lines.content() == "c c++ c c++ ");
}

BOOST_AUTO_TEST_CASE(flushed_lines_are_written_once) {
  Lines lines;
  auto& app = *new ForkSafeApp<StandalonePolicy, PreForkOnly<FlushStreams<&cpp_log>>>{"stdio"};
  BOOST_TEST(in_worker(app, ends).text == "ended");
  BOOST_TEST(lines.content() == "c c++ ");
}

BOOST_AUTO_TEST_CASE(purged_lines_are_written_by_the_parent_alone) {
  Lines lines;
  auto& app = *new ForkSafeApp<StandalonePolicy, NotifyChildOnly<PurgeStreams<&stdout, &c_log>>>{"stdio"};
  auto const result = in_child(
      [&] {
        static_cast<void>(app.registry().find<NotifyChildOnly<PurgeStreams<&stdout, &c_log>>>()->get());
        std::fputs("child ", c_log);
        std::fflush(c_log);
        return std::string{"ended"};
      },
      ::_Fork);
  BOOST_TEST(result.text == "ended");
  BOOST_TEST(lines.content() == "child c c++ ");
}

BOOST_AUTO_TEST_CASE(a_stream_that_does_not_exist_is_left_out) {
  auto& app = *new ForkSafeApp<StandalonePolicy, NotifyChildOnly<PurgeStreams<&c_log>>>{"stdio"};
  BOOST_TEST(in_worker(app, [] { return "served"; }).text == "served");
}

BOOST_AUTO_TEST_SUITE_END()
