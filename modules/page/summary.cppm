// SPDX-License-Identifier: MIT
export module forksafe.page:summary;

import :html;
import :view;
import forksafe;
import forksafe.std;

namespace forksafe {

/// The first part of the document: whether all is well.
struct Summary {
  std::string title;
  Html html;
};
[[nodiscard]] Summary summarise(DebugObject const& debug, PageContext const& context);

}  // namespace forksafe
