// SPDX-License-Identifier: Apache-2.0
#include "common/base/ascii.h"
#include "mshttpd/backend/connection.h"

namespace posthorn::mshttpd::backend {

using imap::Condition;

Error refusal(const imap::StatusResponse& done) {
  using Kind = imap::ResponseCode::Kind;
  const std::string text = ascii::printable(done.text, 300);
  switch (done.code.kind) {
    case Kind::NonExistent:
    case Kind::TryCreate:
    case Kind::XAnchorNotFound:
      return makeError(Errc::NotFound, text);
    case Kind::AlreadyExists:
      return makeError(Errc::Exists, text);
    case Kind::NoPerm:
    case Kind::AuthorizationFailed:
    case Kind::AuthenticationFailed:
    case Kind::ReadOnly:
      return makeError(Errc::Denied, text);
    case Kind::OverQuota:
      return makeError(Errc::OverQuota, text);
    case Kind::Limit:
      return makeError(Errc::Limit, text);
    case Kind::TooBig:
      return makeError(Errc::TooBig, text);
    case Kind::InUse:
    case Kind::Unavailable:
      return makeError(Errc::Unavailable, text);
    case Kind::HasChildren:
    case Kind::XStateMismatch:
    case Kind::XCannotCalculate:
      return makeError(Errc::Conflict, text);
    case Kind::UseAttr:
    case Kind::UnknownCte:
      return makeError(Errc::Unsupported, text);
    default:
      break;
  }
  return makeError(done.condition == Condition::Bad ? Errc::Unsupported : Errc::Invalid, text);
}

Status expectOk(const Reply& reply) {
  if (reply.ok()) return okStatus();
  return refusal(reply.done);
}

}  // namespace posthorn::mshttpd::backend
