// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.celery.binding;

import forksafe;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::celery {
namespace {

/// Views into the arguments of the call.
class CallSource final : public RequestSource {
 public:
  CallSource(std::string_view method, std::string_view target, std::string_view body) noexcept
      : method_(method), target_(target), body_(body) {}

  [[nodiscard]] std::string_view method() override { return method_; }
  [[nodiscard]] std::string_view target() override { return target_; }
  [[nodiscard]] std::span<HeaderView const> headers() override { return {}; }
  [[nodiscard]] std::string_view body() override { return body_; }
  /// Empty, because a task of this process asks.
  [[nodiscard]] std::string_view peer() override { return {}; }

 private:
  std::string_view method_;
  std::string_view target_;
  std::string_view body_;
};

}  // namespace

PyObject* handle(PyObject* arguments, Response (*answer)(Request const&) noexcept) noexcept {
  char const* method = nullptr;
  char const* target = nullptr;
  PyObject* bytes = nullptr;
  if (PyArg_ParseTuple(arguments, "ss|S:handle", &method, &target, &bytes) == 0) return nullptr;
  char* body = nullptr;
  Py_ssize_t size = 0;
  if (bytes != nullptr && PyBytes_AsStringAndSize(bytes, &body, &size) != 0) return nullptr;
  CallSource source{method, target, {body, static_cast<std::size_t>(size)}};
  Response const response = answer(Request{source});
  Reference const status{PyLong_FromLong(response.status)};
  Reference const text{PyBytes_FromStringAndSize(response.body.data(), static_cast<Py_ssize_t>(response.body.size()))};
  return status && text ? PyTuple_Pack(2, status.get(), text.get()) : nullptr;
}

}  // namespace forksafe::celery
