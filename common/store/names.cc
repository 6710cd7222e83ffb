// SPDX-License-Identifier: Apache-2.0
#include "common/store/names.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "common/base/ascii.h"
#include "common/store/schema.h"

namespace posthorn::store {

namespace {

Error refuse(const char* why) {
  return Error{Errc::Invalid, std::string("store: mailbox name ") + why, std::string("Mailbox name ") + why};
}

// ICU counts in int32_t; names are short.
Result<std::string> toNfc(View text) {
  UErrorCode status = U_ZERO_ERROR;
  std::vector<UChar> wide(text.size() + 1);
  std::int32_t length = 0;
  u_strFromUTF8(wide.data(), static_cast<std::int32_t>(wide.size()), &length, text.data(),
                static_cast<std::int32_t>(text.size()), &status);
  if (U_FAILURE(status) != 0) return refuse("is not UTF-8");
  const UNormalizer2* normalizer = unorm2_getNFCInstance(&status);
  std::vector<UChar> normal(3 * text.size() + 1);
  const std::int32_t size = unorm2_normalize(normalizer, wide.data(), length, normal.data(),
                                             static_cast<std::int32_t>(normal.size()), &status);
  if (U_FAILURE(status) != 0) return refuse("cannot be normalised");
  std::string out(3 * static_cast<std::size_t>(size) + 1, '\0');
  std::int32_t octets = 0;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &octets, normal.data(), size, &status);
  if (U_FAILURE(status) != 0) return refuse("cannot be normalised");
  out.resize(static_cast<std::size_t>(octets));
  return out;
}

bool isPlainAscii(View text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The C1 controls are two octets in UTF-8.
bool hasControl(View text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (ascii::isControl(text[i])) return true;
    if (text[i] == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

}  // namespace

Result<std::string> normalName(View name) {
  if (name.size() > kMaxName) return refuse("is too long");
  if (name.size() > 1 && name.back() == '/') name.remove_suffix(1);
  std::string normal(name);
  if (!isPlainAscii(name)) {
    PH_TRY(normal, toNfc(name));
  }
  if (normal.empty() || normal.size() > kMaxName) return refuse("is empty or too long");
  if (hasControl(normal)) return refuse("has a control character");
  for (const View level : ascii::split(normal, '/'))
    if (level.empty()) return refuse("has an empty level");
  if (ascii::equal(normal, kInbox)) return std::string(kInbox);
  return normal;
}

Status checkNewName(View normal) {
  if (normal.find_first_of("%*") != View::npos) return refuse("has a wildcard");
  if (ascii::startsWith(normal, "INBOX/")) return refuse("is below INBOX, which has no inferiors");
  return {};
}

Bytes nameKey(char family, View normal) {
  Bytes key(1, family);
  key.append(normal);
  std::replace(key.begin() + 1, key.end(), '/', '\x01');
  return key;
}

std::string nameOfKey(View key) {
  std::string name(key.substr(1));
  std::replace(name.begin(), name.end(), '\x01', '/');
  return name;
}

View parentOf(View normal) {
  const auto slash = normal.rfind('/');
  return slash == View::npos ? View() : normal.substr(0, slash);
}

}  // namespace posthorn::store
