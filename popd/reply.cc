// SPDX-License-Identifier: Apache-2.0
#include "popd/reply.h"

#include "common/base/ascii.h"

namespace posthorn::popd {
namespace {

/// What stands for `code` on the wire.
struct Answer {
  View code;
  View text;
};

Answer answerFor(Errc code) {
  switch (code) {
    case Errc::Invalid:
      return {"", "Invalid arguments"};
    case Errc::NotFound:
      return {"", "No such message"};
    case Errc::AuthFailed:
      return {"[AUTH]", auth::clientText(auth::RefusalClass::AuthFailed)};
    case Errc::Busy:
      return {"[IN-USE]", "The maildrop is in use by another session"};
    case Errc::Unsupported:
      return {"", "Not available"};
    case Errc::Unavailable:
    case Errc::Limit:
    case Errc::NoSpace:
    case Errc::Conflict:
    case Errc::Timeout:
    case Errc::Cancelled:
      return {"[SYS/TEMP]", "Temporarily not possible, try again later"};
    case Errc::Denied:  // by the operating system: who the client is was settled before
    case Errc::Exists:
    case Errc::OverQuota:
    case Errc::TooBig:
    case Errc::Corrupt:
    case Errc::Io:
    case Errc::Internal:
      break;
  }
  return {"[SYS/PERM]", "The server has a problem that needs its operator"};
}

std::string line(View status, View code, View text) {
  std::string made(status);
  if (!code.empty()) made.append(" ").append(code);
  if (!text.empty()) made.append(" ").append(text);
  made.resize(std::min(made.size(), kMaxReply - 2));
  for (char& c : made) {
    if (ascii::isControl(c)) c = '?';
  }
  return made.append("\r\n");
}

}  // namespace

std::string okReply(View text) {
  return line("+OK", {}, text);
}

std::string errReply(View code, View text) {
  return line("-ERR", code, text);
}

std::string errReply(const Error& error) {
  const Answer answer = answerFor(error.code);
  return line("-ERR", answer.code, error.client.empty() ? answer.text : View(error.client));
}

std::string errReply(auth::Reason reason) {
  const auto kind = auth::classOf(reason);
  return line("-ERR", kind == auth::RefusalClass::Unavailable ? "[SYS/TEMP]" : "[AUTH]",
              auth::clientText(kind));
}

}  // namespace posthorn::popd
