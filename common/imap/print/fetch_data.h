// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/imap/print/text.h"
#include "common/imap/types/response.h"

namespace posthorn::imap {

/// A FETCH response from its value; a server writes with FetchWriter instead.
void putFetchData(std::string& out, const FetchData& data, PrintOptions options = {});
/// Its parenthesis alone.
void putFetchItems(std::string& out, const std::vector<FetchItem>& items, PrintOptions options = {});
void putValue(std::string& out, const Value& value, PrintOptions options = {});

}  // namespace posthorn::imap
