// SPDX-License-Identifier: Apache-2.0
// The part of Session that takes the envelope: MAIL, RCPT, RSET.
#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "tools/deliver/lmtp/messages.h"
#include "tools/deliver/lmtp/reply.h"
#include "tools/deliver/lmtp/session.h"

namespace posthorn::deliver::lmtp {

void Session::beginMail(Mail mail) {
  recipientsRefused_ = 0;
  enter(std::move(mail));
  answer(reply(250, "2.1.0", "Sender ok"));
}

void Session::forgetMail() {
  intake_ = Intake::Lines;
  progress_ = {};
  enter(Ready{});
}

void Session::addRecipient(const Path& path) {
  auto& mail = std::get<Mail>(state_);
  if (mail.taken.size() >= shared_.limits.recipients)
    return answer(reply(452, "4.5.3", "Too many recipients, send it to the others in another message"));
  // Two steps, each on the threads that are for it: a directory that hangs keeps nobody's mail from being
  // written.
  auto recipient = std::make_shared<Recipient>(shared_.site, path.lookup, path.text);
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Auth, id(), {},
      [recipient, wishes = shared_.limits.wishes]() -> Status {
        recipient->find(wishes);
        return okStatus();
      },
      [recipient](Session& session, const Status& done) {
        if (!done.ok()) recipient->fail(Cause::Unavailable, done.error().describe());
        session.openRecipient(recipient);
      });
  if (posted.ok()) return;
  recipient->fail(Cause::Unavailable, posted.error().describe());
  recipientOpened(recipient);
}

void Session::openRecipient(std::shared_ptr<Recipient> recipient) {
  if (!recipient->failure() && shared_.slot.quarantined(recipient->account()))
    recipient->fail(Cause::Quarantined, "the account is in quarantine");
  if (recipient->failure()) return recipientOpened(recipient);
  const std::uint64_t octets = std::get<Mail>(state_).octets;
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), recipient->account(),
      [recipient, octets, wishes = shared_.limits.wishes]() -> Status {
        recipient->open(wishes, octets);
        return okStatus();
      },
      [recipient](Session& session, const Status& done) {
        if (!done.ok()) recipient->fail(Cause::Unavailable, done.error().describe());
        session.recipientOpened(recipient);
      });
  if (posted.ok()) return;
  recipient->fail(Cause::Unavailable, posted.error().describe());
  recipientOpened(recipient);
}

void Session::recipientOpened(const std::shared_ptr<Recipient>& recipient) {
  if (const auto& failure = recipient->failure()) {
    ++recipientsRefused_;
    std::string text = reply(*failure, recipient->typed());
    log::write(messages::kRefused, {{"session", std::to_string(id().number())},
                                    {"client", clientName()},
                                    {"user", ascii::printable(recipient->typed())},
                                    {"cause", std::string(toString(failure->cause))},
                                    {"reply", text.substr(0, 9)},
                                    {"reason", failure->text}});
    return answer(std::move(text));
  }
  auto& taken = std::get<Mail>(state_).taken;
  const auto same = std::find_if(taken.begin(), taken.end(), [&recipient](const Taken& other) {
    return !other.twin && other.recipient->place() == recipient->place();
  });
  Taken made{recipient, std::nullopt};
  if (same != taken.end()) made.twin = static_cast<std::size_t>(same - taken.begin());
  taken.push_back(std::move(made));
  answer(reply(250, "2.1.5", "<" + recipient->typed() + "> Recipient ok"));
}

}  // namespace posthorn::deliver::lmtp
