// SPDX-License-Identifier: Apache-2.0
#include "common/base/ascii.h"
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/parse/parameters.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

namespace {

/// What is wrong with a command, as a reply; nothing when it is right.
using Wrong = std::optional<std::string>;

Wrong takeSize(const Parameter& parameter, const Shared& shared, Mail& mail) {
  const auto size = parameter.value ? ascii::number(*parameter.value) : std::nullopt;
  if (!size || parameter.value->size() > 20) return reply(501, "5.5.4", "Bad SIZE");
  if (*size > shared.limits.size) return reply(552, "5.3.4", "The message is too big");
  mail.octets = *size;
  return std::nullopt;
}

Wrong takeParameter(const Parameter& parameter, const Shared& shared, Mail& mail) {
  if (ascii::equal(parameter.keyword, "SIZE")) return takeSize(parameter, shared, mail);
  if (ascii::equal(parameter.keyword, "SMTPUTF8")) {
    if (parameter.value) return reply(501, "5.5.4", "SMTPUTF8 takes no value");
    mail.utf8 = true;
    return std::nullopt;
  }
  // The store keeps whatever comes: both mean the same.
  if (ascii::equal(parameter.keyword, "BODY")) {
    const View body = parameter.value.value_or("");
    if (ascii::equal(body, "7BIT") || ascii::equal(body, "8BITMIME")) return std::nullopt;
    return reply(501, "5.5.4", "BODY is 7BIT or 8BITMIME here");
  }
  return reply(555, "5.5.4", "Unknown parameter");
}

}  // namespace

/// MAIL (RFC 5321 §4.1.1.2) with SIZE (RFC 1870), BODY (RFC 6152) and SMTPUTF8 (RFC 6531).
void commands::mail(Session& session, View arguments) {
  View rest = arguments;
  auto path = takePath("FROM:", rest);
  if (!path.ok()) return session.refuse(reply(501, "5.1.7", path.error().client));
  const auto parameters = splitParameters(rest);
  if (!parameters.ok()) return session.refuse(reply(501, "5.5.4", parameters.error().client));
  Mail mail;
  for (const Parameter& parameter : *parameters)
    if (auto wrong = takeParameter(parameter, session.shared(), mail))
      return session.answer(std::move(*wrong));
  if (path->utf8 && !mail.utf8) return session.answer(reply(553, "5.6.7", "The address needs SMTPUTF8"));
  mail.sender = std::move(path->text);
  session.beginMail(std::move(mail));
}

}  // namespace posthorn::deliver::lmtp
