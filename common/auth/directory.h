// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/account.h"
#include "common/auth/secret.h"
#include "common/auth/trace.h"
#include "common/base/result.h"

namespace posthorn::auth {

/// A login string in its parts (facts 4.1): prepared, lower case, bounded. `domain` is empty only when none
/// was typed and no default domain is set.
struct LoginName {
  std::string original;  ///< %o, as typed
  std::string user;      ///< %U
  std::string domain;    ///< %V, the default domain when none was typed
  bool inDefaultDomain = false;
};

enum class PasswordCheck : std::uint8_t {
  Match,
  Mismatch,
  NoPassword,  ///< the account has none, so no password fits
  Expired,     ///< right, but too old (LDAP password policy)
  MustChange,  ///< right, but an administrator has set it and it must be changed first (LDAP password policy)
  Locked,      ///< not looked at: the directory has locked the account (LDAP password policy)
};

/// Where accounts come from. Every function may block (files, network, hashing): job threads only, any number
/// at once. Nothing is thrown. Errors:
///   NotFound             no such user, or no such domain
///   Conflict             more than one entry fits: refused
///   Corrupt              the entry is there but cannot be read: refused until the operator mends it
///   Unavailable, Timeout the directory cannot answer now: the same question may be answered later
///   Unsupported, Io, Internal, Invalid    it will not be answered without the operator
/// A caller must not tell a client which of them it was.
class Directory {
 public:
  virtual ~Directory() = default;
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  /// The one account for a login name, its domain's status and services included.
  virtual Result<Account> find(const LoginName& name) = 0;

  /// The one account that has `address` among its mail addresses (any case), else as find() by the address's
  /// two parts. For delivery.
  virtual Result<Account> findByAddress(std::string_view address) = 0;

  /// People of `domain` (lower case; empty where domains are not used) whose id, name or address holds
  /// `text`, in any case; empty text: anybody. At most `most`, in no order; entries that cannot be read are
  /// left out. For the address books of people who are logged in.
  virtual Result<std::vector<Account>> people(std::string_view domain, std::string_view text,
                                              std::size_t most) {
    static_cast<void>(domain), static_cast<void>(text), static_cast<void>(most);
    return makeError(Errc::Unsupported, "this directory cannot be searched");
  }

  /// Whether `password` (prepared, not empty) is the account's. `account` comes from find().
  virtual Result<PasswordCheck> verify(const Account& account, const Secret& password) = 0;

  /// Spends the time that verify() would, for an account that does not exist, so that a guesser cannot tell.
  virtual void verifyNobody(const Secret& password) = 0;

  /// Changes when answers given before may no longer hold: caches drop what they learned under another
  /// revision. Constant where the directory cannot know.
  virtual std::uint64_t revision() = 0;

  /// Drops what it remembers of earlier answers, so that the next question is asked anew (refresh). Any
  /// thread.
  virtual void forget() {}

  /// Tools that ask one question at a time: from now on `trace` (not owned; null: nobody) hears what each
  /// function asked of whom and what it found, as Step::Domain, Search, Entry and Password.
  void setTrace(Trace* trace) { trace_ = trace; }

 protected:
  /// Null but in such tools: nothing is put together to be told before this was looked at.
  [[nodiscard]] Trace* trace() const { return trace_; }

 private:
  Trace* trace_ = nullptr;
};

}  // namespace posthorn::auth
