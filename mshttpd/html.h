// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::html {

/// `text` for an element or a quoted attribute.
std::string escaped(std::string_view text);

/// A whole page without scripts: `title` is text, `body` is HTML. Its policy allows our style sheet and forms
/// to us, and nothing else.
http::Reply page(int status, std::string_view title, std::string_view body);

/// GET /plain/style.css.
std::string_view style();

}  // namespace posthorn::mshttpd::html
