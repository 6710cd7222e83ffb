// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/metadata.h"

namespace posthorn::imapd {
namespace {

/// Whether `entry` is below `place` and not too far.
bool isBelow(std::string_view entry, std::string_view place, imap::MetadataDepth depth) {
  if (depth == imap::MetadataDepth::Zero || entry.size() <= place.size() + 1) return false;
  if (!entry.starts_with(place) || entry[place.size()] != '/') return false;
  return depth == imap::MetadataDepth::Infinity ||
         entry.find('/', place.size() + 1) == std::string_view::npos;
}

/// What one name asks for, in the spelling that the client used for it. Without a depth a name that has no
/// value is told as NIL; with one only what there is.
void pick(const std::vector<store::Annotation>& all, const std::string& name, imap::MetadataDepth depth,
          std::vector<imap::MetadataEntry>& out) {
  const std::string wanted = ascii::toLower(name);
  const auto put = [&out](const std::string& entry, std::optional<std::string> value) {
    const auto same = [&](const auto& one) { return ascii::equal(one.name, entry); };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back({entry, std::move(value)});
  };
  bool found = false;
  for (const store::Annotation& one : all) {
    if (one.entry == wanted) put(name, one.value);
    found = found || one.entry == wanted;
    if (isBelow(one.entry, wanted, depth)) put(one.entry, one.value);
  }
  if (!found && depth == imap::MetadataDepth::Zero) put(name, std::nullopt);
}

}  // namespace

/// GETMETADATA (RFC 5464 4.2).
Result<Answer> commands::getMetadata(Mail& mail, const imap::GetMetadataArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const auto place, annotatedPlace(mail, args.mailbox.utf8));
  PH_TRY(const auto all, annotationsOf(mail, place));
  imap::MetadataData data{args.mailbox, false, {}};
  for (const std::string& name : args.entries) pick(all, name, args.depth, data.entries);
  std::size_t longest = 0;
  if (args.maxSize) {
    std::erase_if(data.entries, [&](const imap::MetadataEntry& entry) {
      const bool tooLong = entry.value && entry.value->size() > *args.maxSize;
      if (tooLong) longest = std::max(longest, entry.value->size());
      return tooLong;
    });
  }
  Answer answer;
  if (!data.entries.empty()) imap::putMetadata(answer.untagged, data, {.utf8 = mail.features.utf8});
  if (longest > 0) answer.text = "[METADATA LONGENTRIES " + std::to_string(longest) + "] Done";
  return answer;
}

}  // namespace posthorn::imapd
