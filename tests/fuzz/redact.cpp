// SPDX-License-Identifier: MIT
// The redaction of any text: a second redaction changes nothing, and a planted secret in a known shape is never shown.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

import forksafe;

namespace {

constexpr std::string_view planted = "16C7e42F292c6912E7710c838347Ae178B4a";
/// The fuzzer learns the planted text, and writes its beginning into places where it is not a secret.
constexpr std::string_view learned = planted.substr(0, 8);

struct Shape {
  std::string_view before;
  std::string_view after;
};

constexpr std::array shapes{
    Shape{"postgresql://app:", "@db/prod"}, Shape{"{\"password\": \"", "\"}"}, Shape{"password=", " x"},
    Shape{"Authorization: Bearer ", ""},    Shape{"tool --token ", " x"},      Shape{"note ghp_", " x"},
    Shape{"Cookie: a=", "; b=c"},           Shape{"PWD={", "};UID=sa"},        Shape{"root:", "@tcp(db:3306)/x"}};

void require(bool fulfilled, char const* promise, std::string const& text, std::string const& shown) {
  if (fulfilled) return;
  std::fprintf(stderr, "%s\n--- of\n%s\n--- shown\n%s\n", promise, text.c_str(), shown.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const text{reinterpret_cast<char const*>(data), size};
  auto const shown = forksafe::redacted_text(text);
  require(forksafe::redacted_text(shown) == shown, "shown twice is not shown once", text, shown);
  static_cast<void>(forksafe::looks_secret(text));
  if (text.find(learned) != text.npos) return 0;
  Shape const& shape = shapes[size % shapes.size()];
  auto const line = text + "\n" + std::string{shape.before} + std::string{planted} + std::string{shape.after};
  auto const hidden = forksafe::redacted_text(line);
  require(hidden.find(planted) == hidden.npos, "a planted secret is shown", line, hidden);
  return 0;
}
