// SPDX-License-Identifier: MIT
module;
#include <random>
#include <mutex>
#include <unistd.h>
module forksafe.page;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr std::string_view html_type = "text/html; charset=utf-8";

/// Returns an unpredictable number from the kernel: a generator of this process might be a copy of its sibling's.
std::string new_nonce() {
  std::random_device device;
  std::string nonce;
  for (int part = 0; part != 4; ++part) {
    std::array<char, 8> digits{};
    auto const [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), device(), 16);
    nonce.append(digits.data(), end);
  }
  return nonce;
}

std::string csp_header(std::string_view nonce) {
  std::string const own{"'nonce-" + std::string{nonce} + "'"};
  return "default-src 'none'; script-src " + own + "; style-src " + own +
         "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
         "require-trusted-types-for 'script'; trusted-types 'none'";
}

Response response(int status, std::string_view type, std::string body, std::string_view nonce = {}) {
  Response made{status, {{"Content-Type", std::string{type}}}, std::move(body)};
  made.headers.emplace_back("Content-Security-Policy",
                            nonce.empty() ? "default-src 'none'; frame-ancestors 'none'" : csp_header(nonce));
  made.headers.emplace_back("X-Content-Type-Options", "nosniff");
  made.headers.emplace_back("X-Frame-Options", "DENY");
  made.headers.emplace_back("Referrer-Policy", "no-referrer");
  made.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  made.headers.emplace_back("Cache-Control", "no-store");
  made.headers.emplace_back("Vary", "Accept");
  return made;
}

Response plain(int status, std::string body) { return response(status, "text/plain; charset=utf-8", std::move(body)); }

/// Returns zero where the query does not say, and nothing where it says what is no span.
std::optional<std::chrono::seconds> parse_span(std::string_view query) {
  std::string_view const value = parameter(query, "span");
  if (value.empty()) return std::chrono::seconds{};
  if (value == "all") return whole_life;
  std::int64_t seconds = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc{} || end != value.data() + value.size() || seconds <= 0) return {};
  return std::chrono::seconds{seconds};
}

/// Whether it is asked for all; nothing where a value says something else.
std::optional<bool> parse_all(std::string_view query) {
  std::string_view const value = parameter(query, "all");
  if (!value.empty() && value != "1") return {};
  return has_parameter(query, "all");
}

bool is_path(std::string_view path) noexcept { return path.starts_with('/') && path.find_first_of("?# \t\r\n") == path.npos; }

}  // namespace

void StatusPage::load(Application& application) {
  Settings& settings = application.registry().settings();
  for (auto const* key : {"page.path", "page.allow"}) settings.expect(key);
  path_ = settings.get("page.path", "");
  if (path_.empty()) return;
  if (!is_path(path_))
    throw SettingsError{base::concat(settings.find("page.path")->source, ": page.path: '", path_,
                                     "' is not a path - begin it with a slash, as in /forksafe")};
  allowed_ = AllowedPeers{settings.find("page.allow"), settings.find("page.host")};
}

std::optional<Response> StatusPage::intercept(Request const& request) {
  if (path_.empty() || request.path() != path_) return {};
  return answer(request);
}

Response StatusPage::answer(Request const& request) {
  if (auto refusal = allowed_.refusal(request)) return plain(403, *std::move(refusal));
  if (request.method() != "GET" && request.method() != "HEAD") {
    Response refused = plain(405, "this page is only read: use GET or HEAD\n");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  auto const form = choose_form(parameter(request.query(), "format"), request.header("Accept"));
  if (!form) return plain(400, "there is no such format: use html, json or metrics\n");
  auto const span = parse_span(request.query());
  if (!span) return plain(400, "there is no such span: use a number of seconds, as in ?span=3600, or ?span=all\n");
  auto const all = parse_all(request.query());
  if (!all) return plain(400, "'all' takes no value: use ?all, or leave it out\n");
  std::lock_guard const lock{making_};
  DebugObject const debug = application_.debug();
  // The clock of the journal is used, so that nothing in it is later.
  PageContext const context{application_.registry().name(),
                            ::getpid(),
                            application_.journal().wall_time(SteadyTime::clock::now()),
                            *span,
                            true,
                            *all,
                            unknown_parameter(request.query())};
  switch (*form) {
    case PageForm::json:
      return response(200, "application/json", (context.all ? to_json(debug) : to_brief_json(debug, context)) + "\n");
    case PageForm::metrics:
      return response(200, "application/openmetrics-text; version=1.0.0; charset=utf-8", to_openmetrics(debug, context));
    case PageForm::content: return response(200, html_type, to_html_content(debug, context));
    case PageForm::html: break;
  }
  std::string const nonce = new_nonce();
  return response(200, html_type, to_html(debug, context, nonce), nonce);
}

}  // namespace forksafe
