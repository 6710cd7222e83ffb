// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "common/base/ascii.h"
#include "common/imap/print/response.h"
#include "common/log/logger.h"
#include "imapd/commands/commands.h"
#include "imapd/messages.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

using Fields = decltype(imap::IdArgs::fields);

/// Null when the client did not send that field.
const std::optional<std::string>* fieldOf(const Fields& fields, std::string_view name) {
  for (const auto& [field, value] : fields)
    if (ascii::equal(field, name)) return &value;
  return nullptr;
}

std::uint16_t portOf(const Fields& fields) {
  std::uint16_t port = 0;
  if (const auto* text = fieldOf(fields, "x-originating-port"); text != nullptr && *text) {
    const char* end = (*text)->data() + (*text)->size();
    if (std::from_chars((*text)->data(), end, port).ptr != end) return 0;
  }
  return port;
}

/// "x-originating-ip" and "x-originating-port": the client acts for somebody else, who is there. NIL takes it
/// back; what is no address counts as NIL. See Session::claim() for who is believed.
void hearOrigin(Session& session, const Fields& fields) {
  const auto* text = fieldOf(fields, "x-originating-ip");
  if (text == nullptr) return;
  const auto address = *text ? net::Address::parse(**text) : std::nullopt;
  session.claim(address ? std::optional(net::Endpoint{*address, portOf(fields)}) : std::nullopt);
}

}  // namespace

/// ID (RFC 2971). What the client says of itself helps an operator and nothing else, but for the address that
/// a proxy user acts for.
void commands::id(Session& session, imap::Command&& command) {
  const Fields& fields = std::get<imap::IdArgs>(command.args).fields;
  hearOrigin(session, fields);
  std::string client;
  for (const auto& [name, value] : fields)
    if (value) client.append(client.empty() ? "" : " ").append(name).append("=").append(*value);
  log::write(messages::kClientId,
             {{"session", std::to_string(session.id().number())}, {"id", client.substr(0, 500)}});
  Answer answer;
  imap::putId(answer.untagged, {{{"name", "Posthorn"}, {"version", POSTHORN_VERSION}}});
  session.answer(answer);
}

}  // namespace posthorn::imapd
