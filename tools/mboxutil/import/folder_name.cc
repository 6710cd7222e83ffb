// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/folder_name.h"

#include <algorithm>
#include <cstdio>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/imap/parse/mutf7.h"
#include "common/store/names.h"
#include "common/store/schema.h"

namespace posthorn::migrate {

namespace {

bool isAscii(View text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Octets that are no UTF-8 become "=XX".
std::string toUtf8(View text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8::characterLength(text);
    if (length == 0) {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "=%02X",
                    static_cast<unsigned>(static_cast<unsigned char>(text.front())));
      out += escaped;
    }
    out.append(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string cleanLevel(const std::string& level) {
  std::string clean;
  for (std::size_t i = 0; i < level.size(); ++i) {
    const char c = level[i];
    // The C1 controls are two octets in UTF-8.
    const bool c1 = c == '\xC2' && i + 1 < level.size() && static_cast<unsigned char>(level[i + 1]) < 0xA0;
    if (c1) ++i;
    clean.push_back(c1 || ascii::isControl(c) || c == '%' || c == '*' || c == '/' ? '_' : c);
  }
  return clean.empty() ? "_" : clean;
}

std::string join(const std::vector<std::string>& levels, std::size_t from) {
  std::string name;
  for (std::size_t i = from; i < levels.size(); ++i) name += (i == from ? "" : "/") + levels[i];
  return name;
}

}  // namespace

std::string decodeLevel(View level, NameForm form) {
  if (form != NameForm::Utf8 && isAscii(level))
    if (const auto decoded = imap::decodeMutf7(level)) return *decoded;
  return toUtf8(level);
}

std::string FolderNames::give(const std::vector<std::string>& levels, std::string& note) {
  std::vector<std::string> clean;
  for (const auto& level : levels) clean.push_back(cleanLevel(level));
  // Servers with the prefix "INBOX." may have it on disk, too; INBOX has no inferiors here.
  const std::size_t from = clean.size() > 1 && ascii::equal(clean.front(), "INBOX") ? 1 : 0;
  std::string wanted = join(clean, from);
  if (ascii::equal(wanted, "INBOX")) wanted += "_";
  auto normal = store::normalName(wanted);
  if (!normal.ok()) normal = "Folder " + std::to_string(stableHash(wanted));  // longer than names may be
  std::string name = normal.value();
  for (int number = 2; !taken_.insert(name).second; ++number)
    name = normal.value() + " (" + std::to_string(number) + ")";
  if (name != join(levels, 0)) note = "the folder becomes the mailbox " + name;
  return name;
}

store::SpecialUse usualUse(View name) {
  struct Usual {
    View name;
    store::SpecialUse use;
  };
  static constexpr Usual kUsual[] = {
      {"Sent", store::kUseSent},           {"Sent Items", store::kUseSent},
      {"Sent Messages", store::kUseSent},  {"Sent Mail", store::kUseSent},
      {"sent-mail", store::kUseSent},      {"Drafts", store::kUseDrafts},
      {"Draft", store::kUseDrafts},        {"Trash", store::kUseTrash},
      {"Deleted Items", store::kUseTrash}, {"Deleted Messages", store::kUseTrash},
      {"Junk", store::kUseJunk},           {"Junk E-mail", store::kUseJunk},
      {"Junk Email", store::kUseJunk},     {"Spam", store::kUseJunk},
      {"Archive", store::kUseArchive},     {"Archives", store::kUseArchive},
  };
  for (const Usual& usual : kUsual)
    if (ascii::equal(name, usual.name)) return usual.use;
  return 0;
}

}  // namespace posthorn::migrate
