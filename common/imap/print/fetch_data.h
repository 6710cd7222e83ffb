// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/imap/print/text.h"
#include "common/imap/types/response.h"

namespace posthorn::imap {

/// A FETCH response from its value; a server writes with FetchWriter instead.
void putFetchData(std::string& out, const FetchData& data, PrintOptions options = {});
void putValue(std::string& out, const Value& value, PrintOptions options = {});

}  // namespace posthorn::imap
