// SPDX-License-Identifier: MIT
/// Shows an operator what all processes of a server do and did, as one self-contained HTML document, as JSON and as
/// OpenMetrics, in any container.
///
/// An application lists `StatusPage` among its components. Views of the debug object that have nothing to do with requests
/// stand apart, so that they can be shown elsewhere.
export module forksafe.page;

// each part may import: forksafe
export import :view;
import :allow;
import :form;
export import :status;  // allow
// the document and its parts
import :html;
import :document;  // html
import :text;
import :room;
import :span;       // html
import :marks;      // html
import :processes;  // view
import :summary;    // html, view
import :timeline;   // html, view
import :tables;     // html, view
