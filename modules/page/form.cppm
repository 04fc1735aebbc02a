// SPDX-License-Identifier: MIT
export module forksafe.page:form;

import forksafe.std;

namespace forksafe {

/// `content` is the document's body, which its script asks for.
enum class PageForm : std::uint8_t { html, content, json, metrics };

/// The first value of a parameter of a query, not decoded.
[[nodiscard]] std::string_view parameter(std::string_view query, std::string_view name) noexcept;
/// Whether it is there, with a value or without.
[[nodiscard]] bool has_parameter(std::string_view query, std::string_view name) noexcept;
/// The first parameter of a query that the page does not know; empty if there is none.
[[nodiscard]] std::string_view unknown_parameter(std::string_view query) noexcept;
/// What `?format=` says, else what the client likes best of what there is; nothing for a format that there is not.
[[nodiscard]] std::optional<PageForm> choose_form(std::string_view format, std::string_view accept) noexcept;

}  // namespace forksafe
