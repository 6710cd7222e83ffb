// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mshttpd/jmap/kept_objects.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// From whom a user may send (RFC 8621 6): one identity for each address that the directory gives him, which
/// cannot be destroyed, and those that he has made. What he has set is kept at the back end, in
/// /private/vendor/posthorn/identities.
class Identities {
 public:
  /// Job thread; blocks on the back end.
  static Result<Identities> read(const Caller& caller, backend::MailHost& host);

  /// All of them as Identity objects, those of the directory first.
  [[nodiscard]] const std::vector<Json>& list() const { return list_; }
  [[nodiscard]] const Json* find(const std::string& id) const;
  /// Changes with the directory's addresses, too.
  [[nodiscard]] std::string state() const { return kept_.state() + suffix_; }
  [[nodiscard]] const std::string& stateSuffix() const { return suffix_; }
  [[nodiscard]] KeptObjects& kept() { return kept_; }

  /// The id of the identity that an address of the directory has.
  static std::string idOf(const std::string& address);

 private:
  Identities(const Caller& caller, KeptObjects kept);

  KeptObjects kept_;
  std::string suffix_;
  std::vector<Json> list_;
};

/// Whether the directory lets him send from `address`, in any case. Of "*@example.com" among his addresses
/// everything at that domain is his.
bool maySendFrom(const Caller& caller, std::string_view address);

/// The account of a call, which must be the caller's own: nobody sends for another. Null: `failure` says why.
const Call::Account* senderAccount(Call& call, const Json& args, Failure& failure);

}  // namespace posthorn::mshttpd::jmap
