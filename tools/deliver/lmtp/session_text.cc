// SPDX-License-Identifier: Apache-2.0
// The part of Session that takes a message's text: DATA and BDAT.
#include <algorithm>
#include <utility>

#include "tools/deliver/lmtp/reply.h"
#include "tools/deliver/lmtp/session.h"

namespace posthorn::deliver::lmtp {

void Session::beginTransfer() {
  Transfer transfer{std::move(std::get<Mail>(state_)), nullptr};
  transfer.content = std::make_shared<Content>(shared_.limits.folders, shared_.limits.size);
  enter(std::move(transfer));
}

void Session::takeText() {
  beginTransfer();
  intake_ = Intake::Text;
  dots_ = DotReader();
  stream().write(reply(354, "", "Send the message, end it with CRLF . CRLF"));
  phase_ = Phase::Reading;
  advance();
}

void Session::takeChunk(const Chunk& chunk) {
  if (std::holds_alternative<Mail>(state_)) beginTransfer();
  intake_ = Intake::Octets;
  chunk_ = chunk;
  phase_ = Phase::Reading;
  // An empty one has no octets that would wake us.
  if (chunk_.octets == 0) return contentEnded();
  advance();
}

void Session::dropChunk(const Chunk& chunk, std::string reply) {
  if (chunk.octets == 0) return answer(std::move(reply));
  intake_ = Intake::Dropped;
  chunk_ = chunk;
  chunkReply_ = std::move(reply);
  phase_ = Phase::Reading;
  advance();
}

bool Session::takeDropped() {
  const auto octets =
      static_cast<std::size_t>(std::min<std::uint64_t>(chunk_.octets, stream().input().size()));
  if (octets == 0) return false;
  stream().input().consume(octets);
  chunk_.octets -= octets;
  if (chunk_.octets > 0) return true;
  intake_ = Intake::Lines;
  answer(std::move(chunkReply_));
  return true;
}

bool Session::takeContent() {
  const View input = stream().input().view();
  if (input.empty()) return false;
  Content& content = *std::get<Transfer>(state_).content;
  bool ended = false;
  std::size_t octets = 0;
  if (intake_ == Intake::Text) {
    std::string text;
    const auto taken = dots_.feed(input, text);
    octets = taken.octets;
    ended = taken.ended;
    content.feed(text);
  } else {
    octets = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_.octets, input.size()));
    content.feed(input.substr(0, octets));
    chunk_.octets -= octets;
    ended = chunk_.octets == 0;
  }
  stream().input().consume(octets);
  if (ended) {
    contentEnded();
  } else if (content.full()) {
    afterContent();
  }
  return true;
}

// Memory holds no more: on to the disk, then the next octets.
void Session::afterContent() {
  phase_ = Phase::Working;
  const auto content = std::get<Transfer>(state_).content;
  const auto goOn = [content](Session& session, const Status& kept) {
    if (!kept.ok()) content->fail(causeOf(kept.error().code), kept.error().describe());
    session.phase_ = Phase::Reading;
    if (session.leaving_) return session.part(net::Parting::Stopping);
    session.advance();
  };
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), {}, [content]() -> Status { return content->keep(); }, goOn);
  if (posted.ok()) return;
  content->fail(Cause::Unavailable, posted.error().describe());
  phase_ = Phase::Reading;
}

void Session::contentEnded() {
  auto& transfer = std::get<Transfer>(state_);
  const bool chunk = intake_ == Intake::Octets;
  intake_ = Intake::Lines;
  if (!chunk || chunk_.last) return deliver();
  if (const auto& failure = transfer.content->failure()) {
    // RFC 3030 §2: the client must begin anew; its further chunks are dropped and refused.
    std::string text = reply(*failure, transfer.mail.taken.front().recipient->typed());
    forgetMail();
    return answer(std::move(text));
  }
  answer(reply(250, "2.0.0", "Chunk taken"));
}

}  // namespace posthorn::deliver::lmtp
