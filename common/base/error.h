// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace posthorn {

/// What went wrong, as a closed list: each protocol maps every value to one answer of its own
/// (`-ERR [code]`, `NO [code]`, HTTP status, exit status), so that no room invents codes.
enum class Errc : std::uint8_t {
  Invalid,      ///< malformed input: the sender must change it
  NotFound,     ///< no such mailbox, message, user, option
  Exists,       ///< the name is taken
  Denied,       ///< known who, but not allowed
  AuthFailed,   ///< wrong credentials; never says which part was wrong
  Unavailable,  ///< temporary: try again later
  Busy,         ///< in use by another session (maildrop lock)
  Limit,        ///< a configured bound was reached
  OverQuota,    ///< the account's quota would be passed
  NoSpace,      ///< the disk is full
  TooBig,       ///< larger than what is accepted at all
  Conflict,     ///< changed meanwhile: read again
  Corrupt,      ///< stored data fails its check
  Io,           ///< the operating system refused
  Timeout,      ///< no answer in time
  Cancelled,    ///< the session or the process is ending
  Unsupported,  ///< known but not built or switched off
  Internal,     ///< a bug: an invariant did not hold
};

/// The name of `code` for logs and JSON, for example "over-quota".
std::string_view toString(Errc code);

/// A failure on its way up. `text` is for the log and the operator and may name paths; `client` is all
/// that a mail client may see (empty: the protocol's own generic text for `code`).
struct Error {
  Errc code = Errc::Internal;
  std::string text;
  std::string client;

  /// "text (code)" for logs.
  [[nodiscard]] std::string describe() const;
};

/// An Error of `code`; `errnoError` appends the text of the current errno and maps ENOSPC, EDQUOT, ENOENT,
/// EEXIST, EACCES, EAGAIN to their codes (else Io).
Error makeError(Errc code, std::string text);
Error errnoError(std::string what);
Error errnoError(int number, std::string what);

}  // namespace posthorn
