// SPDX-License-Identifier: MIT
module;
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
module probe;

namespace probe {
namespace {

int number(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Numbered lines: no part of the text can stand for another.
std::string counted(int bytes) {
  std::string text;
  char line[9];
  for (int number = 0; text.size() < static_cast<std::size_t>(bytes); ++number) {
    std::snprintf(line, sizeof line, "%07d\n", number);
    text += line;
  }
  text.resize(static_cast<std::size_t>(bytes));
  return text;
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view const pair = query.substr(0, query.find('&'));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
  return {};
}

/// Forks a process that is not a worker, and returns the generation that it saw, and how many forks were not announced.
std::string fork_helper(std::string_view how) {
  if (how == "system") return std::to_string(std::system("true"));
  if (how == "popen") return std::to_string(::pclose(::popen("true", "r")));
  if (how == "posix_spawn") {
    char program[] = "/bin/true";
    char* arguments[] = {program, nullptr};
    pid_t child = 0;
    int status = -1;
    if (::posix_spawn(&child, program, nullptr, nullptr, arguments, ::environ) == 0) ::waitpid(child, &status, 0);
    return std::to_string(status);
  }
  if (how == "terminated") {
    pid_t const child = ::fork();
    if (child == 0) {
      std::raise(SIGTERM);
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return std::to_string(WTERMSIG(status));
  }
  if (how == "orphan") {
    pid_t const child = ::_Fork();
    if (child == 0) ::_exit(::_Fork() < 0 ? 1 : 0);
    int status = -1;
    ::waitpid(child, &status, 0);
    return std::to_string(status);
  }
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
  auto const before = forksafe::generation();
  pid_t const child = how == "_Fork" ? ::_Fork() : ::fork();
  if (child == 0) {
    std::string const seen =
        std::to_string(forksafe::generation() - before) + " " + std::to_string(forksafe::unannounced_forks());
    static_cast<void>(::write(ends[1], seen.data(), seen.size()));
    ::_exit(0);
  }
  ::close(ends[1]);
  char seen[64];
  auto const size = ::read(ends[0], seen, sizeof seen);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return {seen, static_cast<std::size_t>(size < 0 ? 0 : size)};
}

/// The answer that a client chooses: the request's body is one header, `name:value`, which may contain anything.
forksafe::Response answer_with(std::string_view header, int status, int times) {
  auto const colon = std::min(header.find(':'), header.size());
  std::string const value{header.substr(std::min(colon + 1, header.size()))};
  forksafe::Response response{status, {{"X-First", "1"}}, "the answer"};
  while (times-- > 0) response.headers.emplace_back(header.substr(0, colon), value);
  return response;
}

constexpr uid_t nobody = 65'534;

/// Exits in another thread, long after the event.
void later(void (*action)()) {
  std::thread{[action] {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    action();
  }}.detach();
}

forksafe::Response text(std::string body, int status = 200) {
  return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}

}  // namespace

Trace::~Trace() { write("ApplicationDestroyed", {.hook = "destructor", .process = {.pid = ::getpid()}}, 0); }

void Trace::write(std::string_view name, forksafe::EventContext const& event, pid_t child) {
  auto const path = registry_.settings().get("trace");
  if (!path) return;
  auto const& process = event.process;
  std::string line{name};
  for (std::string const& word :
       {std::string{event.hook}, std::string{forksafe::name_of(process)}, std::to_string(process.slot.value_or(0)),
        std::to_string(process.incarnation.value_or(0)), std::to_string(process.pid), std::to_string(process.parent),
        std::to_string(event.forked), std::to_string(event.app_loaded), std::to_string(event.respawn),
        std::to_string(event.late), std::to_string(child)})
    line += " " + word;
  line += "\n";
  int const file = ::open(std::string{*path}.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  static_cast<void>(::write(file, line.data(), line.size()));
  ::close(file);
}

void Trouble::make(std::string_view name, forksafe::EventContext const& event) {
  auto const& settings = registry_.settings();
  if (settings.get("trouble.on", "") != name) return;
  int const slot = number(settings.get("trouble.slot", ""), 0);
  if (slot != 0 && event.process.slot.value_or(0) != slot) return;
  int const incarnations = number(settings.get("trouble.incarnations", ""), 0);
  if (incarnations != 0 && event.process.incarnation.value_or(1) > incarnations) return;
  std::string_view const kind = settings.get("trouble.kind", "throw");
  if (kind == "delay") {
    std::fputs("probe: an event is delayed\n", stderr);
    return std::this_thread::sleep_for(std::chrono::milliseconds{500});
  }
  if (kind == "hang") std::this_thread::sleep_for(std::chrono::hours{1});
  if (kind == "exit") std::exit(3);
  if (kind == "die") std::raise(SIGKILL);
  if (kind == "stop") return static_cast<void>(std::raise(SIGSTOP));
  if (kind == "drop") return static_cast<void>(::setresuid(nobody, nobody, nobody));
  if (kind == "drop_later") return later([] { static_cast<void>(::setresuid(nobody, nobody, nobody)); });
  if (kind == "leave_later") return later([] { ::_exit(0); });
  throw std::runtime_error{std::string{settings.get("trouble.text", "trouble as configured")}};
}

void Routes::load(forksafe::Application& application) {
  if (application.registry().settings().get("thread"))
    std::thread{[] { std::this_thread::sleep_for(std::chrono::hours{1}); }}.detach();
  application.subscribe<forksafe::ApplicationPostFork>([this](forksafe::ApplicationPostFork const& event) {
    ++late_heard_;
    late_marked_ += event.late ? 1 : 0;
  });
}

forksafe::Response Routes::handle(forksafe::Request const& request) {
  std::string_view const path = request.path();
  if (path == "/") return text(std::to_string(::getpid()));
  if (path == "/peer") return text(std::string{request.peer()});
  if (path == "/debug") {
    return {200, {{"Content-Type", "application/json"}}, forksafe::to_json(application_.debug())};
  }
  if (path == "/report") return text(forksafe::to_text(application_.debug()));
  if (path == "/throw")
    throw std::runtime_error{std::string{application_.registry().settings().get("trouble.text", "as asked")}};
  if (path == "/big") return text(counted(number(parameter(request.query(), "bytes"), 0)));
  if (path == "/answer")
    return answer_with(request.body(), number(parameter(request.query(), "status"), 200),
                       number(parameter(request.query(), "times"), 1));
  if (path == "/fork") return text(fork_helper(parameter(request.query(), "how")));
  if (path == "/late") return text(std::to_string(late_heard_) + " " + std::to_string(late_marked_));
  if (path == "/sleep") {
    std::fputs("probe: a request sleeps\n", stderr);
    std::this_thread::sleep_for(std::chrono::milliseconds{number(parameter(request.query(), "ms"), 0)});
    return text(std::to_string(::getpid()));
  }
  if (path == "/settings") {
    std::string const name{parameter(request.query(), "name")};
    auto const* const setting = application_.registry().settings().find(name);
    return setting == nullptr ? text("none", 404) : text(setting->value + " from " + setting->source);
  }
  if (path == "/echo") {
    std::string body{request.method()};
    body.append(" ").append(request.target()).append(" path=").append(request.path());
    body.append(" query=").append(request.query()).append(" x-probe=").append(request.header("X-Probe"));
    body.append(" headers=").append(std::to_string(request.headers().size())).append("\n").append(request.body());
    return text(std::move(body));
  }
  return text("Not Found\n", 404);
}

}  // namespace probe
