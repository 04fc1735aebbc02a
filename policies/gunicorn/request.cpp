// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.gunicorn.binding;

import forksafe;
import forksafe.base;
import forksafe.binding;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::gunicorn {
namespace {

constexpr std::string_view header_prefix = "HTTP_";

char in_environ(char character) noexcept { return character == '-' ? '_' : base::upper(character); }

bool is_plain_in_path(char character) noexcept {
  constexpr std::string_view allowed = "/-._~!$&'()*+,;=:@";
  return base::is_digit(character) || base::is_letter(character) || allowed.find(character) != allowed.npos;
}

void append_encoded(std::string& target, std::string_view path) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (char const plain : path) {
    if (is_plain_in_path(plain)) {
      target += plain;
    } else {
      auto const character = static_cast<unsigned char>(plain);
      target += {'%', digits[character >> 4], digits[character & 15]};
    }
  }
}

}  // namespace

std::string_view EnvironSource::view_bytes(PyObject* string) {
  if (string == nullptr || !PyUnicode_Check(string)) return {};
  if (auto const view = ascii(string)) return *view;
  return copies_.emplace_back(latin_1(string));
}

std::string_view EnvironSource::variable(char const* name) { return view_bytes(PyDict_GetItemString(environ_, name)); }

std::string_view EnvironSource::target() {
  if (target_) return *target_;
  target_ = variable("RAW_URI");
  if (!target_->empty()) return *target_;
  std::string rebuilt;
  append_encoded(rebuilt, variable("SCRIPT_NAME"));
  append_encoded(rebuilt, variable("PATH_INFO"));
  if (rebuilt.empty()) rebuilt = "/";
  std::string_view const query = variable("QUERY_STRING");
  if (!query.empty()) rebuilt.append("?").append(query);
  return *(target_ = copies_.emplace_back(std::move(rebuilt)));
}

std::string_view EnvironSource::header(std::string_view name) {
  std::string key{header_prefix};
  std::ranges::transform(name, std::back_inserter(key), in_environ);
  bool const is_bare = key == "HTTP_CONTENT_TYPE" || key == "HTTP_CONTENT_LENGTH";
  return variable(key.c_str() + (is_bare ? header_prefix.size() : 0));
}

std::span<HeaderView const> EnvironSource::headers() {
  if (headers_) return *headers_;
  headers_.emplace();
  Py_ssize_t position = 0;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  while (PyDict_Next(environ_, &position, &key, &value) != 0) {
    std::string_view name = view_bytes(key);
    if (name.starts_with(header_prefix)) {
      name.remove_prefix(header_prefix.size());
    } else if (name != "CONTENT_TYPE" && name != "CONTENT_LENGTH") {
      continue;
    }
    headers_->push_back({name, view_bytes(value)});
  }
  return *headers_;
}

Reference EnvironSource::read_body() {
  PyObject* const input = PyDict_GetItemString(environ_, "wsgi.input");
  Reference const read = attribute(input, "read");
  if (!read) return Reference{PyBytes_FromStringAndSize("", 0)};
  // If the server does not end the input, a read beyond the announced length would never return.
  PyObject* const terminated = PyDict_GetItemString(environ_, "wsgi.input_terminated");
  bool const ends_by_itself = terminated != nullptr && PyObject_IsTrue(terminated) == 1;
  if (ends_by_itself) return Reference{PyObject_CallObject(read.get(), nullptr)};
  std::string_view const length = variable("CONTENT_LENGTH");
  long long size = 0;
  std::from_chars(length.data(), length.data() + length.size(), size);
  return Reference{PyObject_CallFunction(read.get(), "L", size)};
}

std::string_view EnvironSource::body() {
  if (!body_) {
    body_ = read_body();
    if (!body_) {
      interrupted_ = PyErr_ExceptionMatches(PyExc_Exception) == 0;
      throw std::runtime_error{"the body cannot be read: " + (interrupted_ ? "gunicorn ends the worker" : take_error())};
    }
  }
  char* bytes = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(body_.get(), &bytes, &size) != 0) {
    throw std::runtime_error{"the body cannot be read: " + take_error()};
  }
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace forksafe::gunicorn
