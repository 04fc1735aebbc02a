// SPDX-License-Identifier: MIT
export module forksafe:handler;

import :request;
import :response;
import forksafe.policy;
import forksafe.std;

export namespace forksafe {

/// Answers HTTP requests, the same source in every container.
///
/// Meaning: runs in a worker, one request at a time unless the container was told to run threads. An exception is
/// answered with 500 and logged.
template <class Handler>
concept RequestHandler = requires(Handler& handler, Request const& request) {
  { handler.handle(request) } -> std::same_as<Response>;
} || because("declare `forksafe::Response handle(forksafe::Request const&)`");

/// Answers some requests before the handler sees them, and lets the others pass.
///
/// Meaning: runs where the handler does, for every request, so it should return at once from a request that is not meant for
/// it. Any number of components may intercept; only the first that answers counts, in the order of phases. An exception is
/// answered with 500 and logged.
template <class Interceptor>
concept RequestInterceptor = requires(Interceptor& interceptor, Request const& request) {
  { interceptor.intercept(request) } -> std::same_as<std::optional<Response>>;
} || because("declare `std::optional<forksafe::Response> intercept(forksafe::Request const&)`: nothing lets the request pass");

}  // namespace forksafe
