// SPDX-License-Identifier: MIT
// expect: call to consteval function 'forksafe::operator""_html' is not a constant expression
// expect: calling a private constructor of class 'forksafe::Markup'
// expect: no viable overloaded '\+='
module;
#include <string>
module forksafe.page;

namespace forksafe {

Html with_names(std::string const& name) {
  Html html = operator""_html(name.data(), name.size());
  html += Markup{name};
  html += name;
  return html;
}

}  // namespace forksafe
