// SPDX-License-Identifier: Apache-2.0
#include "common/store/thread_ids.h"

#include <algorithm>
#include <string>

#include "common/base/ascii.h"
#include "common/base/ids.h"

namespace posthorn::store {

namespace {

// Longer ones are cut: what matters is that the same id always gives the same hash.
constexpr std::size_t kMaxIdLength = 998;

/// The next "<...>" of a field body, without brackets and folding; empty at the end.
View nextId(View* body) {
  const auto open = body->find('<');
  if (open == View::npos) return {};
  body->remove_prefix(open + 1);
  const auto close = body->find('>');
  if (close == View::npos) return {};
  const View id = body->substr(0, std::min(close, kMaxIdLength));
  body->remove_prefix(close + 1);
  return id;
}

std::uint64_t hashOf(View id) {
  std::string plain;
  for (const char c : id)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') plain.push_back(c);
  if (plain.empty()) return 0;
  const std::uint64_t hash = stableHash(plain);
  return hash == 0 ? 1 : hash;
}

std::vector<std::uint64_t> idsOf(View body) {
  std::vector<std::uint64_t> ids;
  for (View id = nextId(&body); !id.empty(); id = nextId(&body))
    if (const auto hash = hashOf(id)) ids.push_back(hash);
  return ids;
}

struct Fields {
  View messageId;
  View inReplyTo;
  View references;
};

/// The end of the field that begins at `at`: behind its last folded line.
std::size_t fieldEnd(View header, std::size_t at) {
  while (true) {
    const auto newline = header.find('\n', at);
    if (newline == View::npos) return header.size();
    at = newline + 1;
    if (at >= header.size() || (header[at] != ' ' && header[at] != '\t')) return at;
  }
}

Fields findFields(View header) {
  Fields fields;
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = fieldEnd(header, at);
    const View field = header.substr(at, end - at);
    at = end;
    const auto colon = field.find(':');
    if (colon == View::npos) continue;
    const View name = ascii::trim(field.substr(0, colon));
    const View body = field.substr(colon + 1);
    // The first of each counts, as everywhere.
    if (fields.messageId.empty() && ascii::equal(name, "Message-ID")) fields.messageId = body;
    if (fields.inReplyTo.empty() && ascii::equal(name, "In-Reply-To")) fields.inReplyTo = body;
    if (fields.references.empty() && ascii::equal(name, "References")) fields.references = body;
  }
  return fields;
}

}  // namespace

MessageIds scanMessageIds(View header) {
  const Fields fields = findFields(header);
  MessageIds ids;
  const auto own = idsOf(fields.messageId);
  if (!own.empty()) ids.own = own.front();
  const auto addParent = [&](std::uint64_t id) {
    const bool known =
        id == ids.own || std::find(ids.parents.begin(), ids.parents.end(), id) != ids.parents.end();
    if (!known && ids.parents.size() < kMaxParents) ids.parents.push_back(id);
  };
  for (const auto id : idsOf(fields.inReplyTo)) addParent(id);
  const auto references = idsOf(fields.references);
  for (auto id = references.rbegin(); id != references.rend(); ++id) addParent(*id);
  return ids;
}

}  // namespace posthorn::store
