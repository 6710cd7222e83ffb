// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/fetch_items.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;
using imap::FetchAttribute;
using Kind = FetchAttribute::Kind;

namespace {

/// Whether `answered` is what `asked` asks for: without peek, lazy and the length of a partial.
bool answers(const FetchAttribute& answered, const FetchAttribute& asked) {
  if (answered.kind != asked.kind) return false;
  const auto& a = answered.section;
  const auto& b = asked.section;
  const bool sameFields =
      a.fields.size() == b.fields.size() &&
      std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(),
                 [](const std::string& x, const std::string& y) { return ascii::equal(x, y); });
  if (a.part != b.part || a.text != b.text || !sameFields) return false;
  return answered.partial.has_value() == asked.partial.has_value() &&
         (!asked.partial || answered.partial->offset == asked.partial->offset);
}

}  // namespace

FetchAttribute attributeOf(Kind kind) {
  FetchAttribute attribute;
  attribute.kind = kind;
  return attribute;
}

const imap::FetchItem* itemOf(const imap::FetchData& data, Kind kind) {
  for (const imap::FetchItem& item : data.items)
    if (item.attribute.kind == kind) return &item;
  return nullptr;
}

Request fetchRequest(imap::SequenceSet set, std::vector<FetchAttribute> attributes) {
  imap::FetchArgs args;
  args.set = std::move(set);
  args.attributes = std::move(attributes);
  return {.name = CommandName::Fetch, .args = std::move(args), .uid = true};
}

std::vector<imap::FetchItem> inOrder(std::vector<imap::FetchItem> from,
                                     std::span<const FetchAttribute> asked) {
  std::vector<imap::FetchItem> out;
  out.reserve(asked.size());
  for (const FetchAttribute& attribute : asked) {
    const auto found = std::find_if(from.begin(), from.end(), [&](const imap::FetchItem& item) {
      return answers(item.attribute, attribute);
    });
    if (found != from.end()) {
      out.push_back(*found);
      continue;
    }
    imap::FetchItem nothing;
    nothing.attribute = attribute;
    nothing.nil = true;
    out.push_back(std::move(nothing));
  }
  return out;
}

Message messageOf(imap::FetchData data, std::span<const FetchAttribute> items) {
  Message message;
  if (const auto* flags = itemOf(data, Kind::Flags))
    for (const std::string& flag : flags->flags)
      if (!ascii::equal(flag, "\\Recent") && !ascii::equal(flag, "\\Deleted")) message.flags.push_back(flag);
  if (const auto* size = itemOf(data, Kind::Rfc822Size)) message.octets = size->number;
  if (const auto* date = itemOf(data, Kind::InternalDate)) message.internalDate = date->date;
  message.items = inOrder(std::move(data.items), items);
  return message;
}

Status selectMailbox(Connection& connection, const std::string& mailbox, std::uint32_t uidValidity,
                     bool toWrite) {
  const std::string writing = "rw " + mailbox;
  const std::string wanted = toWrite ? writing : "ro " + mailbox;
  if (connection.selected == wanted || connection.selected == writing) return okStatus();
  connection.selected.clear();
  PH_TRY(const Reply reply, connection.ask({.name = toWrite ? CommandName::Select : CommandName::Examine,
                                            .args = imap::SelectArgs{.mailbox = {mailbox}, .qresync = {}}}));
  PH_CHECK(expectOk(reply));
  for (const imap::Response& response : reply.data) {
    const auto* status = std::get_if<imap::StatusResponse>(&response);
    if (status != nullptr && status->code.kind == imap::ResponseCode::Kind::UidValidity &&
        status->code.number != uidValidity)
      return makeError(Errc::Conflict, "the mailbox was made anew meanwhile");
  }
  connection.selected = wanted;
  return okStatus();
}

Result<Bytes> fetchText(Talk& talk, const std::string& mailbox, std::uint32_t uidValidity, std::uint32_t uid,
                        const FetchAttribute& attribute) {
  auto answered = talk.with(Again::Yes, [&](Connection& connection) -> Result<Reply> {
    PH_CHECK(selectMailbox(connection, mailbox, uidValidity, false));
    PH_TRY(Reply fetched,
           connection.ask(fetchRequest({.ranges = {{uid, uid}}, .saved = false}, {attribute})));
    PH_CHECK(expectOk(fetched));
    return fetched;
  });
  PH_TRY(Reply reply, std::move(answered));
  for (imap::Response& response : reply.data) {
    auto* data = std::get_if<imap::FetchData>(&response);
    if (data == nullptr) continue;
    for (imap::FetchItem& item : data->items)
      if (answers(item.attribute, attribute)) return std::move(item.text).value_or(Bytes());
  }
  return makeError(Errc::NotFound, "the message is gone");
}

}  // namespace posthorn::mshttpd::backend
