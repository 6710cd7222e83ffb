// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "common/store/ops.h"
#include "common/store/schema.h"

namespace posthorn::store {

Result<std::uint64_t> KeywordMapper::knownBits(const std::vector<std::string>& names) {
  if (names.empty()) return std::uint64_t{0};
  PH_TRY(const auto* slot, edit_.keywords(mailbox_));
  std::uint64_t bits = 0;
  for (const auto& name : names)
    if (const auto bit = slot->value.find(name)) bits |= std::uint64_t{1} << *bit;
  promised_ |= bits;
  return bits;
}

Result<std::uint64_t> KeywordMapper::bits(const std::vector<std::string>& names) {
  PH_TRY(std::uint64_t bits, knownBits(names));
  if (names.empty()) return bits;
  PH_TRY(auto* slot, edit_.keywords(mailbox_));
  for (const auto& name : names) {
    if (!isKeyword(name)) return makeError(Errc::Invalid, "store: not a keyword");
    PH_TRY(const unsigned bit, place(slot, name));
    bits |= std::uint64_t{1} << bit;
    promised_ |= std::uint64_t{1} << bit;
  }
  return bits;
}

Result<std::uint64_t> KeywordMapper::translate(std::uint64_t bits, const KeywordTable& from) {
  std::vector<std::string> names;
  for (; bits != 0; bits &= bits - 1) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
    if (bit < from.names.size() && !from.names[bit].empty()) names.push_back(from.names[bit]);
  }
  return this->bits(names);
}

Result<unsigned> KeywordMapper::place(Edit::Slot<KeywordTable>* slot, const std::string& name) {
  if (const auto bit = slot->value.find(name)) return *bit;
  auto& names = slot->value.names;
  edit_.touch(slot);
  auto free = std::find(names.begin(), names.end(), "");
  if (free == names.end() && names.size() == kMaxKeywords) {
    PH_CHECK(reclaim(slot));
    free = std::find(names.begin(), names.end(), "");
    if (free == names.end())
      return Error{Errc::Limit, "store: the mailbox has all the keywords that it can have",
                   "Too many keywords in the mailbox"};
  }
  if (free == names.end()) free = names.insert(free, std::string());
  *free = name;
  return static_cast<unsigned>(free - names.begin());
}

Status KeywordMapper::reclaim(Edit::Slot<KeywordTable>* slot) {
  std::uint64_t borne = promised_;
  Status broken;
  PH_CHECK(edit_.batch().scan(key::hot(mailbox_, 0), key::after(key::of('H', mailbox_)), [&](View, View row) {
    const auto block = HotBlock::decode(row);
    if (!block.ok()) broken = block.error();
    for (std::size_t i = 0; block.ok() && i < kHotUids; ++i) borne |= block.value().entries.at(i).keywords;
    return block.ok();
  }));
  PH_CHECK(broken);
  for (std::size_t i = 0; i < slot->value.names.size(); ++i)
    if ((borne >> i & 1) == 0) slot->value.names[i].clear();
  return {};
}

}  // namespace posthorn::store
