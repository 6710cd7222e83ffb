// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/imap/print/command.h"

namespace posthorn::imap {
namespace {

using Kind = SearchKey::Kind;

/// The name of a key; of flags only what stands before the flag's own.
View keyName(Kind kind) {
  constexpr std::array<View, 37> kNames{"ALL",
                                        "",
                                        "OR",
                                        "NOT",
                                        "",
                                        "UID",
                                        "",
                                        "UN",
                                        "KEYWORD",
                                        "UNKEYWORD",
                                        "RECENT",
                                        "NEW",
                                        "OLD",
                                        "FROM",
                                        "TO",
                                        "CC",
                                        "BCC",
                                        "SUBJECT",
                                        "HEADER",
                                        "BODY",
                                        "TEXT",
                                        "BEFORE",
                                        "ON",
                                        "SINCE",
                                        "SENTBEFORE",
                                        "SENTON",
                                        "SENTSINCE",
                                        "SAVEDBEFORE",
                                        "SAVEDON",
                                        "SAVEDSINCE",
                                        "SAVEDATESUPPORTED",
                                        "LARGER",
                                        "SMALLER",
                                        "OLDER",
                                        "YOUNGER",
                                        "MODSEQ",
                                        "EMAILID"};
  return kind == Kind::ThreadId ? View("THREADID") : kNames[static_cast<std::size_t>(kind)];
}

void putKeys(std::string& out, const std::vector<SearchKey>& keys, PrintOptions options) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out.push_back(' ');
    putSearchKey(out, keys[i], options);
  }
}

void putOperand(std::string& out, const SearchKey& key, PrintOptions options) {
  switch (key.kind) {
    case Kind::Or:
    case Kind::Not:
      return putKeys(out, key.children, options);
    case Kind::Uid:
      return putSequenceSet(out, key.set);
    case Kind::Header:
      putAstring(out, key.name, options);
      out.push_back(' ');
      return putAstring(out, key.text, options);
    case Kind::Before:
    case Kind::On:
    case Kind::Since:
    case Kind::SentBefore:
    case Kind::SentOn:
    case Kind::SentSince:
    case Kind::SavedBefore:
    case Kind::SavedOn:
    case Kind::SavedSince:
      return putDate(out, key.date);
    case Kind::Larger:
    case Kind::Smaller:
    case Kind::Older:
    case Kind::Younger:
    case Kind::Modseq:
      return putNumber(out, key.number);
    default:
      return putAstring(out, key.text, options);
  }
}

bool isBare(Kind kind) {
  return kind == Kind::All || kind == Kind::Recent || kind == Kind::New || kind == Kind::Old ||
         kind == Kind::SaveDateSupported;
}

}  // namespace

void putSearchKey(std::string& out, const SearchKey& key, PrintOptions options) {
  if (key.kind == Kind::Numbers) return putSequenceSet(out, key.set);
  if (key.kind == Kind::And) {
    out.push_back('(');
    putKeys(out, key.children, options);
    return out.push_back(')');
  }
  out.append(keyName(key.kind));
  if (isBare(key.kind)) return;
  if (key.kind == Kind::Flag || key.kind == Kind::NoFlag) {
    // "\Seen" without its backslash; names have no case.
    out.append(systemFlagName(key.flag).substr(1));
    return;
  }
  out.push_back(' ');
  putOperand(out, key, options);
}

}  // namespace posthorn::imap
