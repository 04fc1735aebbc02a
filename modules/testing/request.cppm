// SPDX-License-Identifier: MIT
module;
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
export module forksafe.testing:request;

import forksafe;

export namespace forksafe::testing {

/// A request as a container hands it over: `app.handle(Request{request})`. It must outlive the views that are taken of it.
class TestRequest final : public RequestSource {
 public:
  TestRequest(std::string method, std::string target, std::string body = {})
      : method_(std::move(method)), target_(std::move(target)), body_(std::move(body)) {}

  // A copy's headers would be views into the original.
  TestRequest(TestRequest const&) = delete;
  TestRequest& operator=(TestRequest const&) = delete;

  /// Adds one header.
  TestRequest& with(std::string name, std::string value);

  std::string_view method() override { return method_; }
  std::string_view target() override { return target_; }
  std::string_view path() override;
  std::string_view query() override;
  std::string_view header(std::string_view name) override;
  std::span<HeaderView const> headers() override { return headers_; }
  std::string_view body() override { return body_; }
  std::string_view peer() override { return "127.0.0.1"; }

 private:
  std::string method_, target_, body_;
  /// Views into texts_, whose elements stay where they are.
  std::vector<HeaderView> headers_{};
  std::vector<std::pair<std::string, std::string>> texts_{};
};

}  // namespace forksafe::testing
