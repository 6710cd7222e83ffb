// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/part_fields.h"

#include <algorithm>

#include "common/mime/encode.h"
#include "mshttpd/jmap/written_header.h"

namespace posthorn::mshttpd::jmap {

bool isTokenText(View text) {
  constexpr View kSpecials = "()<>@,;:\\\"/[]?=";
  return !text.empty() && text.size() <= 127 && std::all_of(text.begin(), text.end(), [&](char c) {
    return c > 0x20 && c < 0x7F && kSpecials.find(c) == View::npos;
  });
}

bool isMediaType(View text) {
  const std::size_t slash = text.find('/');
  return slash != View::npos && isTokenText(text.substr(0, slash)) && isTokenText(text.substr(slash + 1));
}

Result<std::string> contentField(std::string_view key, const Json& value) {
  const auto invalid = [](std::string_view why) {
    return Error{Errc::Invalid, std::string(why), std::string(why)};
  };
  if (key == "language") {
    const bool tags = value.is_array() && !value.empty() && value.size() <= 20 &&
                      std::all_of(value.begin(), value.end(), [](const Json& tag) {
                        return tag.is_string() && isTokenText(tag.get<std::string>());
                      });
    if (!tags) return invalid("has a language that is no list of tags");
    std::string list;
    for (const Json& tag : value) list.append(list.empty() ? "" : ", ").append(tag.get<std::string>());
    return mime::foldField("Content-Language", list);
  }
  if (!value.is_string() || !isWord(value.get_ref<const std::string&>()))
    return invalid("has a " + std::string(key) + " that cannot be one");
  const auto& text = value.get_ref<const std::string&>();
  return key == "cid" ? mime::foldField("Content-ID", "<" + text + ">")
                      : mime::foldField("Content-Location", text);
}

}  // namespace posthorn::mshttpd::jmap
