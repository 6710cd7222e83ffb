// SPDX-License-Identifier: Apache-2.0
#include "common/store/rights.h"

#include <algorithm>
#include <array>

#include "common/store/fields.h"

namespace posthorn::store {

namespace {

struct Letter {
  char letter;
  Rights rights;
};
constexpr std::array<Letter, 11> kLetters{{{'l', kMayLookUp},
                                           {'r', kMayRead},
                                           {'s', kMayKeepSeen},
                                           {'w', kMayWrite},
                                           {'i', kMayInsert},
                                           {'p', kMayPost},
                                           {'k', kMayCreate},
                                           {'x', kMayRemove},
                                           {'t', kMayDeleteMessages},
                                           {'e', kMayExpunge},
                                           {'a', kMayAdminister}}};
constexpr std::array<Letter, 2> kVirtual{
    {{'c', kMayCreate | kMayRemove}, {'d', kMayDeleteMessages | kMayExpunge}}};

// Whose an entry is, for one who asks.
bool concerns(View identifier, const Identity& who) {
  if (identifier == kAnyone || identifier == who.id) return true;
  if (who.domain.empty() || identifier.size() != kAnyone.size() + 1 + who.domain.size()) return false;
  return namesMany(identifier) && identifier.substr(kAnyone.size() + 1) == who.domain;
}

}  // namespace

std::optional<Rights> parseRights(View text) {
  Rights rights = 0;
  for (const char c : text) {
    const auto is = [c](const Letter& known) { return known.letter == c; };
    const auto* real = std::find_if(kLetters.begin(), kLetters.end(), is);
    if (real != kLetters.end()) {
      rights |= real->rights;
      continue;
    }
    const auto* virtually = std::find_if(kVirtual.begin(), kVirtual.end(), is);
    if (virtually == kVirtual.end()) return std::nullopt;
    rights |= virtually->rights;
  }
  return rights;
}

std::string spellRights(Rights rights) {
  std::string text;
  for (const Letter& known : kLetters)
    if ((rights & known.rights) != 0) text.push_back(known.letter);
  for (const Letter& known : kVirtual)
    if ((rights & known.rights) != 0) text.push_back(known.letter);
  return text;
}

Status changeAcl(Acl& acl, const AclChange& change) {
  auto at = std::lower_bound(acl.begin(), acl.end(), change.identifier,
                             [](const AclEntry& entry, View wanted) { return entry.identifier < wanted; });
  const bool known = at != acl.end() && at->identifier == change.identifier;
  const Rights before = known ? at->rights : 0;
  Rights after = change.rights & kAllRights;
  if (change.mode == AclChange::Mode::Add) after |= before;
  if (change.mode == AclChange::Mode::Remove) after = before & ~after;
  if (known && after == 0) {
    acl.erase(at);
  } else if (known) {
    at->rights = after;
  } else if (after != 0) {
    if (acl.size() >= kMaxAclEntries)
      return Error{Errc::Limit, "store: an access list is full", "The access list is full"};
    acl.insert(at, {change.identifier, after});
  }
  return {};
}

bool namesMany(View identifier) {
  return identifier == kAnyone || identifier.starts_with("anyone@");
}

Rights rightsOf(const Identity& who, View owner, const Acl& acl) {
  if (who.admin || who.id == owner) return kAllRights;
  Rights given = 0;
  Rights taken = 0;
  for (const AclEntry& entry : acl) {
    const View identifier = entry.identifier;
    if (identifier.starts_with('-')) {
      if (concerns(identifier.substr(1), who)) taken |= entry.rights;
    } else if (concerns(identifier, who)) {
      given |= entry.rights;
    }
  }
  return given & ~taken & kAllRights;
}

Bytes encodeAcl(const Acl& acl) {
  Bytes out;
  for (const AclEntry& entry : acl) {
    putLe(out, entry.rights);
    putLe(out, static_cast<std::uint8_t>(entry.identifier.size()));
    out.append(entry.identifier);
  }
  return out;
}

Result<Acl> decodeAcl(View value) {
  FieldReader in(value);
  Acl acl;
  bool sorted = true;
  while (!in.atEnd() && in.ok()) {
    AclEntry entry;
    // A later release may know of more rights; they are kept, and give nothing here.
    entry.rights = in.get<std::uint32_t>();
    entry.identifier = in.bytes(in.get<std::uint8_t>());
    sorted = sorted && !entry.identifier.empty() && (acl.empty() || acl.back().identifier < entry.identifier);
    acl.push_back(std::move(entry));
  }
  if (!in.done() || !sorted) return makeError(Errc::Corrupt, "store: an access list cannot be read");
  return acl;
}

}  // namespace posthorn::store
