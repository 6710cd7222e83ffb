// SPDX-License-Identifier: Apache-2.0
// The part of Session that writes a message to its recipients: a job for each of them, several at a time, and
// the replies in the order of the RCPT commands (RFC 2033 §4.2).
#include <utility>

#include "common/base/ascii.h"
#include "tools/deliver/lmtp/reply.h"
#include "tools/deliver/lmtp/session.h"
#include "tools/deliver/messages.h"
#include "tools/deliver/trace.h"

namespace posthorn::deliver::lmtp {
namespace {

/// One recipient's copy, from its first octet to the disk. In a job.
void write(Recipient& recipient, const Content& content, const std::string& trace, const Wishes& wishes,
           std::int64_t now) {
  recipient.begin(trace);
  const Status read = content.read([&recipient](View part) -> Status {
    recipient.write(part);
    return recipient.failure() ? makeError(Errc::Cancelled, "") : okStatus();
  });
  // A failure of the recipient's own stays the first one.
  if (!read.ok()) recipient.fail(causeOf(read.error().code), read.error().describe());
  recipient.finish(wishes, now);
}

std::int64_t secondsOf(Wall when) {
  return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

}  // namespace

void Session::deliver() {
  phase_ = Phase::Working;
  ++messages_;
  auto& transfer = std::get<Transfer>(state_);
  transfer.content->end();
  progress_ = {};
  progress_.settled.assign(transfer.mail.taken.size(), false);
  judgeLoops();
  postNext();
}

void Session::judgeLoops() {
  auto& transfer = std::get<Transfer>(state_);
  Content& content = *transfer.content;
  if (content.trace().hops() > shared_.limits.hops)
    content.fail(Cause::Loop,
                 "the message has more than " + std::to_string(shared_.limits.hops) + " Received");
  for (Taken& taken : transfer.mail.taken) {
    if (const auto& failure = content.failure()) taken.recipient->fail(failure->cause, failure->text);
    if (shared_.limits.checkDeliveredTo && content.trace().deliveredTo(taken.recipient->typed()))
      taken.recipient->fail(Cause::Loop, "the message has Delivered-To with this address");
  }
}

void Session::postNext() {
  const auto& taken = std::get<Transfer>(state_).mail.taken;
  while (progress_.next < taken.size() && progress_.running < shared_.limits.parallel) {
    const std::size_t index = progress_.next++;
    const bool nothing = taken[index].twin || taken[index].recipient->failure();
    if (nothing) {
      progress_.settled[index] = true;
    } else {
      post(index);
    }
  }
  while (progress_.told < taken.size() && progress_.settled[progress_.told]) {
    // A twin has the fate of its elder, who is settled: replies go in order.
    tell(progress_.told++);
  }
  if (progress_.told == taken.size()) allTold();
}

void Session::post(std::size_t index) {
  const auto& transfer = std::get<Transfer>(state_);
  const auto recipient = transfer.mail.taken[index].recipient;
  Wishes wishes = shared_.limits.wishes;
  wishes.transaction = transaction();
  ++progress_.running;
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), recipient->account(),
      [recipient, content = transfer.content, trace = traceFor(*recipient), wishes = std::move(wishes),
       now = secondsOf(shared_.loop.clock().wall())]() -> Status {
        write(*recipient, *content, trace, wishes, now);
        return okStatus();
      },
      [recipient, index](Session& session, const Status& done) {
        if (!done.ok()) recipient->fail(Cause::Unavailable, done.error().describe());
        session.settled(index);
      });
  if (posted.ok()) return;
  --progress_.running;
  recipient->fail(Cause::Unavailable, posted.error().describe());
  progress_.settled[index] = true;
}

void Session::settled(std::size_t index) {
  --progress_.running;
  progress_.settled[index] = true;
  postNext();
}

std::string Session::transaction() const {
  return std::to_string(id().number()) + "." + std::to_string(messages_);
}

std::string Session::traceFor(const Recipient& recipient) const {
  const auto& mail = std::get<Transfer>(state_).mail;
  const bool local = stream().peer() == net::Endpoint{};
  const std::string with = std::string(mail.utf8 ? "UTF8" : "") + (stream().secure() ? "LMTPS" : "LMTP");
  const std::string address = local ? std::string() : stream().peer().address.text();
  const std::string number = transaction();
  const Hop hop{.from = name_,
                .address = address,
                .by = shared_.site.config->hostname(),
                .with = with,
                .id = number,
                .recipient = recipient.typed()};
  return traceFields(returnPath(mail.sender), recipient.typed()) +
         receivedField(hop, shared_.loop.clock().wall());
}

void Session::tell(std::size_t index) {
  const auto& taken = std::get<Transfer>(state_).mail.taken;
  const Recipient& own = *taken[index].recipient;
  const Recipient& fate = taken[index].twin ? *taken[*taken[index].twin].recipient : own;
  if (const auto& failure = fate.failure()) {
    std::string text = reply(*failure, own.typed());
    log::write(kNotDelivered, {{"id", transaction()},
                               {"user", ascii::printable(own.typed())},
                               {"status", text.substr(0, 9)},
                               {"reason", failure->text}});
    stream().write(std::move(text));
    return;
  }
  ++delivered_;
  stream().write(reply(250, "2.1.5", "<" + own.typed() + "> Delivered, id " + transaction()));
}

void Session::allTold() {
  forgetMail();
  finish(true);
}

}  // namespace posthorn::deliver::lmtp
