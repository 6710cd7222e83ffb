// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/reply.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::deliver::lmtp {
namespace {

struct Answer {
  int code;
  View status;
  View text;
};

Answer answerFor(Cause cause) {
  switch (cause) {
    case Cause::NoUser:
      return {550, "5.1.1", "No such user here"};
    case Cause::Refused:
      return {550, "5.2.1", "The mailbox takes no mail"};
    case Cause::Suspended:
      return {450, "4.2.1", "The mailbox takes no mail now, try again later"};
    case Cause::StatusQuota:
    case Cause::OverQuota:
      return {452, "4.2.2", "The mailbox is full"};
    case Cause::GraceOver:
      return {552, "5.2.2", "The mailbox has been full for too long"};
    case Cause::OtherHost:
      return {451, "4.3.5", "The mailbox is on another host, the mail server must send it there"};
    case Cause::Quarantined:
      return {451, "4.3.0", "The mailbox is out of service, try again later"};
    case Cause::NoMailbox:
      return {550, "5.1.1", "No such mailbox"};
    case Cause::TooBig:
      return {552, "5.3.4", "The message is too big"};
    case Cause::Empty:
      return {554, "5.6.0", "The message is empty"};
    case Cause::Loop:
      return {554, "5.4.6", "The message goes in circles: it was here before"};
    case Cause::NoSpace:
      return {452, "4.3.1", "No space on the disk, try again later"};
    case Cause::Unavailable:
      break;
  }
  return {451, "4.3.0", "Not possible now, try again later"};
}

}  // namespace

std::string reply(int code, View status, View text) {
  std::string line = std::to_string(code);
  if (!status.empty()) line.append(" ").append(status);
  if (!text.empty()) line.append(" ").append(text);
  line.resize(std::min(line.size(), kMaxReply - 2));
  for (char& c : line)
    if (ascii::isControl(c) || static_cast<unsigned char>(c) >= 0x80) c = '?';
  return line.append("\r\n");
}

std::string reply(const Failure& failure, View address) {
  const Answer answer = answerFor(failure.cause);
  return reply(answer.code, answer.status, "<" + std::string(address) + "> " + std::string(answer.text));
}

bool isGood(View reply) {
  return reply.starts_with('2') || reply.starts_with('3');
}

}  // namespace posthorn::deliver::lmtp
