// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.gunicorn.binding:request;

import forksafe;
import forksafe.cpython;
import forksafe.std;

namespace forksafe::gunicorn {

using namespace python;

/// A request as views over the strings of a WSGI environ. Only strings with bytes above 127 are copied, once, because Python
/// stores them in another form.
class EnvironSource final : public RequestSource {
 public:
  /// The environ is borrowed, and must not change while the source is used.
  explicit EnvironSource(PyObject* environ) noexcept : environ_(environ) {}

  [[nodiscard]] std::string_view method() override { return variable("REQUEST_METHOD"); }
  /// Returns gunicorn's RAW_URI, which is the target as sent. Under another server the target is made from decoded parts.
  [[nodiscard]] std::string_view target() override;
  [[nodiscard]] std::string_view header(std::string_view name) override;
  [[nodiscard]] std::span<HeaderView const> headers() override;
  /// Returns the body; other threads run while it is read. Throws std::runtime_error if the client's body cannot be read.
  [[nodiscard]] std::string_view body() override;
  /// Returns the peer's address, empty for a UNIX socket (gunicorn 20.1, wsgi.create).
  [[nodiscard]] std::string_view peer() override { return variable("REMOTE_ADDR"); }

  /// Whether reading the body has raised an error that is not an Exception, as SystemExit when gunicorn aborts the worker. It
  /// is set as the error, and must not be lost.
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

 private:
  [[nodiscard]] std::string_view variable(char const* name);
  [[nodiscard]] std::string_view view_bytes(PyObject* string);
  [[nodiscard]] Reference read_body();

  PyObject* environ_;
  std::list<std::string> copies_{};
  std::optional<std::string_view> target_{};
  std::optional<std::vector<HeaderView>> headers_{};
  Reference body_{};
  bool interrupted_ = false;
};

using Handler = Response (*)(Request const&) noexcept;

/// Answers one request by WSGI (PEP 3333): calls start_response, and returns the iterable of the body. Returns null with an
/// error if Python fails.
///
/// The handler runs with the GIL. So one handler runs at a time, in gunicorn's threaded workers too: another one begins only
/// when the first has returned, or waits for the client in Request::body.
PyObject* answer(PyObject* environ, PyObject* start_response, Handler handle) noexcept;

}  // namespace forksafe::gunicorn
