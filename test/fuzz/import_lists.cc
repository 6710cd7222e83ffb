// SPDX-License-Identifier: Apache-2.0
// sources: tools/mboxutil/import/dovecot.cc tools/mboxutil/import/courier.cc
// sources: tools/mboxutil/import/file_name.cc tools/mboxutil/import/folder_name.cc
// sources: tools/mboxutil/import/uidl_format.cc

// The lists that Dovecot and Courier keep in a Maildir, names of its files and folders; the first octet says
// which.

#include <cstddef>
#include <cstdint>

#include "common/base/utf8.h"
#include "common/store/names.h"
#include "test/fuzz/require.h"
#include "tools/mboxutil/import/courier.h"
#include "tools/mboxutil/import/dovecot.h"
#include "tools/mboxutil/import/file_name.h"
#include "tools/mboxutil/import/folder_name.h"
#include "tools/mboxutil/import/uidl_format.h"

using namespace posthorn;
using namespace posthorn::migrate;

namespace {

void expect(bool holds) {
  fuzz::require(holds, "the list is what its parser promises");
}

void checkUids(const Result<UidList>& list) {
  if (!list.ok()) return;
  expect(list->uidValidity != 0);
  store::Uid last = 0;
  for (const auto& entry : list->entries) {
    expect(entry.uid > last && !entry.base.empty() && entry.base.find('/') == View::npos);
    last = entry.uid;
  }
  expect(list->uidNext > last);
}

void checkNames(View text) {
  FolderNames names;
  std::string note;
  std::vector<std::string> levels;
  std::string before;
  eachLine(text, [&](View line) {
    levels.push_back(decodeLevel(line, NameForm::Auto));
    const std::string name = names.give(levels, note);
    const auto normal = store::normalName(name);
    expect(normal.ok() && store::checkNewName(normal.value()).ok() && name != before && name != "INBOX");
    before = name;
    if (levels.size() > 8) levels.clear();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const View text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      checkUids(parseUidList(text));
      break;
    case 1:
      checkUids(parseCourierUids(text));
      break;
    case 2:
      for (const auto& entry : parseCourierUidls(text))
        expect(!entry.base.empty() && entry.uidl.find('\n') == std::string::npos);
      break;
    case 3: {
      const auto keywords = parseCourierKeywords(text);
      for (const auto& [base, indexes] : keywords.files)
        for (const auto index : indexes) expect(!base.empty() && index < keywords.names.size());
      break;
    }
    case 4:
      expect(parseKeywordList(text).names.size() <= 26);
      static_cast<void>(parseSubscriptions(text, '.'));
      static_cast<void>(parseCourierSubscribed(text));
      break;
    case 5:
      checkNames(text);
      break;
    case 6: {
      const auto format = UidlFormat::parse(text.substr(0, 200));
      if (format.ok()) static_cast<void>(format->expand({1, 2, "base", "guid"}));
      break;
    }
    default: {
      const auto name = parseFileName(text);
      expect(name.base.size() <= text.size() && !cameBefore(name.base, name.base));
      expect(!(cameBefore(text, name.base) && cameBefore(name.base, text)));
    }
  }
  return 0;
}
