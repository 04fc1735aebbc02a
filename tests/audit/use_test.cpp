// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <string>
#include <sys/eventfd.h>
#include <unistd.h>
#include "child.hpp"
import forksafe.audit;
import forksafe.generation;

namespace {

std::string told(int descriptor) {
  auto const finding = forksafe::audit_use(descriptor, "write()");
  return finding ? std::string{name_of(finding->severity)} + " " + finding->what : "nothing";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(use)

BOOST_AUTO_TEST_CASE(presence_becomes_use) {
  std::string const told_of =
      in_child([]() -> std::string {
        forksafe::watch_forks();
        forksafe::audit_start();
        int const event = ::eventfd(0, 0), file = ::open("/tmp", O_RDWR | O_TMPFILE, 0600);
        int const read_only = ::open("/etc/passwd", O_RDONLY), declared = ::eventfd(0, 0), dropped = ::eventfd(0, 0);
        forksafe::declare_shared(declared, "all wait for it").detach();
        forksafe::audit_before();
        std::string lines = "parent: " + told(event);
        lines += in_child([=] {
                   std::string child = "; child: " + told(event) + ", " + told(event) + ", " + told(file) + ", " +
                                       told(read_only) + ", " + told(declared);
                   ::dup2(::eventfd(0, 0), dropped);
                   return child + ", " + told(dropped) + ", " + told(-1) + ", " + told(100'000) + ", " + told(1);
                 }).text;
        return lines + "; parent: " + told(file);
      }).text;
  std::string text = told_of;
  for (std::string::size_type at; (at = text.find(", descriptor ")) != text.npos;)
    text.erase(at, text.find_first_of(",;", at + 2) - at);
  BOOST_TEST(text ==
             "parent: nothing; child: critical write() on eventfd, nothing, error write() on file open for writing, nothing, "
             "nothing, nothing, nothing, nothing, nothing; parent: nothing");
}

BOOST_AUTO_TEST_SUITE_END()
