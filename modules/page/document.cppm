// SPDX-License-Identifier: MIT
export module forksafe.page:document;

import :html;

namespace forksafe {

/// The files of this folder, as they are.
[[nodiscard]] Markup page_template() noexcept;
[[nodiscard]] Markup style_markup() noexcept;
[[nodiscard]] Markup page_script() noexcept;

}  // namespace forksafe
