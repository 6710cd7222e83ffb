// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace posthorn {

std::string_view toString(Errc code) {
  switch (code) {
    case Errc::Invalid:
      return "invalid";
    case Errc::NotFound:
      return "not-found";
    case Errc::Exists:
      return "exists";
    case Errc::Denied:
      return "denied";
    case Errc::AuthFailed:
      return "auth-failed";
    case Errc::Unavailable:
      return "unavailable";
    case Errc::Busy:
      return "busy";
    case Errc::Limit:
      return "limit";
    case Errc::OverQuota:
      return "over-quota";
    case Errc::NoSpace:
      return "no-space";
    case Errc::TooBig:
      return "too-big";
    case Errc::Conflict:
      return "conflict";
    case Errc::Corrupt:
      return "corrupt";
    case Errc::Io:
      return "io";
    case Errc::Timeout:
      return "timeout";
    case Errc::Cancelled:
      return "cancelled";
    case Errc::Unsupported:
      return "unsupported";
    case Errc::Internal:
      return "internal";
  }
  return "unknown";
}

std::string Error::describe() const {
  return text.empty() ? std::string(toString(code)) : text + " (" + std::string(toString(code)) + ")";
}

Error makeError(Errc code, std::string text) {
  return Error{code, std::move(text), {}};
}

static Errc codeOfErrno(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return Errc::NoSpace;
    case ENOENT:
      return Errc::NotFound;
    case EEXIST:
      return Errc::Exists;
    case EACCES:
    case EPERM:
      return Errc::Denied;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Errc::Unavailable;
    case ETIMEDOUT:
      return Errc::Timeout;
    default:
      return Errc::Io;
  }
}

Error errnoError(int number, std::string what) {
  // generic_category().message() is thread-safe, strerror() is not.
  return makeError(codeOfErrno(number), std::move(what) + ": " + std::generic_category().message(number));
}

Error errnoError(std::string what) {
  return errnoError(errno, std::move(what));
}

}  // namespace posthorn
