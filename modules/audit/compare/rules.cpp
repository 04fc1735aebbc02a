// SPDX-License-Identifier: MIT
module forksafe.audit;

import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

using enum DescriptorKind;
using enum Severity;

constexpr std::string_view drop = "DropAndReopen";
constexpr std::string_view touch = "NeverTouch";
constexpr std::string_view inherit = "Inherit";

constexpr DescriptorRule rules[] = {
    {listening, true},
    {connected_inet, false, error, "connected socket",
     "both processes write into one stream and take each other's answers; "
     "shutdown() and a protocol's goodbye end the parent's session",
     drop},
    {bound_datagram, false, warning, "bound datagram socket", "each datagram reaches whichever process reads first", inherit},
    {idle_socket, false, info, "unconnected socket", "what one process does with it, the other one finds done", drop},
    {connected_local, false, error, "connected UNIX socket",
     "both processes write into one stream and take each other's answers", drop},
    {family_socket, false, info, "UNIX socket to an ancestor",
     "a control channel of parent and children, if it is meant as one", inherit},
    {system_service, false, info, "UNIX socket to a system service",
     "the service takes messages from any process; it may believe that all are the parent's", inherit},
    {netlink, false, error, "netlink socket", "its port identifies the parent, and answers reach whichever process reads first",
     drop},
    {packet, false, error, "packet socket", "each packet reaches whichever process reads first", drop},
    {epoll, false, warning, "epoll instance", "one interest list: what the child adds or removes, it does to the parent",
     "NotifyBothSides"},
    {event, false, error, "eventfd", "one counter: a wake-up for one process is consumed by the other", drop},
    {timer, false, error, "timerfd", "one countdown: reading it takes the expiry from the other process", drop},
    {signal, false, error, "signalfd", "reads the reader's signals, but through an inherited epoll it waits for the parent's",
     drop},
    {inotify, false, error, "inotify instance", "one queue: an event reaches whichever process reads first", drop},
    {ring, false, error, "io_uring", "one submission and one completion ring, without a lock between the processes", drop},
    {pipe, false, warning, "pipe",
     "each byte reaches whichever process reads first, and nobody sees the end while a writer is left", inherit},
    {memory, false, info, "memory file", "both processes see one memory", inherit},
    {appended_file, true},
    {written_file, false, warning, "file open for writing", "one offset: writes and seeks of one process move the other's",
     drop},
    {read_file, false, info, "file open for reading", "one offset: reads and seeks of one process move the other's", drop},
    {locked_file, false, warning, "file locked with fcntl", "the child does not have the lock that it believes to have", drop},
    {locked_database, false, error, "locked file of a database",
     "the child does not have the database's lock, and would write as if it had", touch},
    {described_lock, false, warning, "file with a lock of its open file",
     "one lock: when the child unlocks, the parent has lost it", drop},
    {direct_file, false, warning, "file open with O_DIRECT",
     "pages that a write under way still reads are copied at the fork; it may write either copy", "StopRestart"},
    {directory, false, info, "directory", "one offset of the entries read", drop},
    {plain_device, true},
    {exclusive_device, false, error, "device", "the driver knows the parent only", touch},
    {other_device, false, warning, "device", "one open file: what one process does with it, the other one finds done", touch},
    {watcher, false, warning, "kernel event source",
     "observes the parent, and each event reaches whichever process reads first", drop},
    {process, false, info, "pidfd", "stands for a process that the child may not wait for", drop},
    {DescriptorKind::other, false, warning, "descriptor",
     "one open file: what one process does with it, the other one finds done", drop},
};

consteval bool in_order() {
  for (std::size_t index = 0; index != std::size(rules); ++index)
    if (static_cast<std::size_t>(rules[index].kind) != index) return false;
  return std::size(rules) == static_cast<std::size_t>(DescriptorKind::other) + 1;
}
static_assert(in_order());

}  // namespace

DescriptorRule const& rule_of(DescriptorKind kind) noexcept { return rules[static_cast<std::size_t>(kind)]; }

}  // namespace forksafe
