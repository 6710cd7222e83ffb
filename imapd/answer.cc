// SPDX-License-Identifier: Apache-2.0
#include "imapd/answer.h"

namespace posthorn::imapd {
namespace {

struct Words {
  std::string_view code;
  std::string_view text;
};

/// One row for each Errc (RFC 5530, RFC 7889 for TOOBIG).
Words wordsFor(Errc code) {
  switch (code) {
    case Errc::Invalid:
      return {"[CANNOT]", "Not possible"};
    case Errc::NotFound:
      return {"[NONEXISTENT]", "No such mailbox"};
    case Errc::Exists:
      return {"[ALREADYEXISTS]", "There is one already"};
    case Errc::Denied:
      return {"[NOPERM]", "Not permitted"};
    case Errc::AuthFailed:
      return {"[AUTHENTICATIONFAILED]", "Authentication failed"};
    case Errc::Busy:
      return {"[INUSE]", "In use"};
    case Errc::Limit:
      return {"[LIMIT]", "A limit is reached"};
    case Errc::OverQuota:
      return {"[OVERQUOTA]", "Over quota"};
    case Errc::TooBig:
      return {"[TOOBIG]", "Too big"};
    case Errc::Corrupt:
      return {"[CORRUPTION]", "Stored data is damaged; the operator has been told"};
    case Errc::Unsupported:
      return {"[CANNOT]", "Not supported"};
    case Errc::NoSpace:
      return {"[UNAVAILABLE]", "No space left on the server"};
    case Errc::Internal:
      return {"[SERVERBUG]", "Internal error; the operator has been told"};
    case Errc::Conflict:
    case Errc::Unavailable:
    case Errc::Io:
    case Errc::Timeout:
    case Errc::Cancelled:
      break;
  }
  return {"[UNAVAILABLE]", "Try again later"};
}

}  // namespace

Answer refusal(const Error& error) {
  const Words words = wordsFor(error.code);
  Answer answer;
  answer.status = "NO";
  answer.text = std::string(words.code).append(" ").append(error.client.empty() ? words.text : error.client);
  return answer;
}

Answer badAnswer(std::string text) {
  Answer answer;
  answer.status = "BAD";
  answer.text = std::move(text);
  return answer;
}

}  // namespace posthorn::imapd
