// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <stdexcept>
#include <string>
module shop;

namespace shop {

void Orders::open() {
  std::string const path{registry_.settings().get("orders.path", "/tmp/orders.txt")};
  file_ = std::fopen(path.c_str(), "a");
  if (file_ == nullptr) throw std::runtime_error{"cannot open " + path + ": set orders.path to a file that can be written"};
}

void Orders::load(forksafe::Application& application) {
  if (file_ == nullptr) open();
  application.subscribe<forksafe::ApplicationWorkerExit>(
      [this](forksafe::ApplicationWorkerExit const&) { std::fclose(file_); });
}

void Orders::operator()(forksafe::ApplicationPreFork const&) { std::fflush(file_); }

void Orders::operator()(forksafe::ApplicationPostFork const&) {
  if (file_ != nullptr) std::fclose(file_);
  open();
}

forksafe::Response Orders::handle(forksafe::Request const& request) {
  if (request.method() != "POST") return {405, {{"Allow", "POST"}}, "send an order\n"};
  std::fprintf(file_, "%.*s\n", static_cast<int>(request.body().size()), request.body().data());
  return {201, {{"Content-Type", "text/plain"}}, "ordered\n"};
}

void Alarm::operator()(forksafe::ApplicationForkFailed const& event) {
  forksafe::log_line("no worker for slot " + std::to_string(event.child.slot.value_or(0)));
}

}  // namespace shop
