// SPDX-License-Identifier: MIT
/// The page that an operator looks at: what all processes of a server do and did, as one self-contained HTML document,
/// as JSON and as OpenMetrics, in any container.
///
/// An application lists `StatusPage` among its components; views of the debug object that have nothing to do with
/// requests stand apart, for whoever shows them elsewhere.
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
