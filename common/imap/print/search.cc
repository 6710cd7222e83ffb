// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/imap/print/command.h"
#include "common/imap/types/search_keys.h"

namespace posthorn::imap {
namespace {

using Kind = SearchKey::Kind;

void putKeys(std::string& out, const std::vector<SearchKey>& keys, PrintOptions options) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out.push_back(' ');
    putSearchKey(out, keys[i], options);
  }
}

void putOperand(std::string& out, SearchOperand form, const SearchKey& key, PrintOptions options) {
  switch (form) {
    case SearchOperand::Nothing:
      return;
    case SearchOperand::Keys:
      return putKeys(out, key.children, options);
    case SearchOperand::Set:
      return putSequenceSet(out, key.set);
    case SearchOperand::Field:
      putAstring(out, key.name, options);
      out.push_back(' ');
      return putAstring(out, key.text, options);
    case SearchOperand::Date:
      return putDate(out, key.date);
    case SearchOperand::Number:
    case SearchOperand::Interval:
    case SearchOperand::Modseq:
      return putNumber(out, key.number);
    case SearchOperand::Keyword:
      out.append(key.text);
      return;
    case SearchOperand::Text:
    case SearchOperand::Id:
      return putAstring(out, key.text, options);
  }
}

}  // namespace

void putSearchKey(std::string& out, const SearchKey& key, PrintOptions options) {
  if (key.kind == Kind::Numbers) return putSequenceSet(out, key.set);
  if (key.kind == Kind::And) {
    out.push_back('(');
    putKeys(out, key.children, options);
    return out.push_back(')');
  }
  const auto row = std::find_if(kSearchKeys.begin(), kSearchKeys.end(), [&](const SearchKeyRow& each) {
    return each.kind == key.kind && each.flag == key.flag;
  });
  if (row == kSearchKeys.end()) return;
  out.append(row->name);
  if (row->operand == SearchOperand::Nothing) return;
  out.push_back(' ');
  putOperand(out, row->operand, key, options);
}

}  // namespace posthorn::imap
