// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mshttpd/jmap/mailbox_sharing.h"
#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// Octets of a mailbox's name: of one level.
inline constexpr std::size_t kMaxMailboxName = 255;

/// What a client wants a mailbox to be: what is not there stays as it is.
struct MailboxWish {
  std::optional<std::string> name;  ///< in Normalization Form C
  std::optional<std::optional<backend::Id>> parent;
  std::optional<std::string> role;  ///< empty: none
  std::optional<bool> subscribed;
  std::optional<std::optional<std::uint32_t>> order;  ///< nothing inside: the server's own
  std::optional<Sharing> sharing;
  /// What the client said, which may come out otherwise: it is told again then.
  std::optional<std::string> saidName;
};

/// Reads wishes; what is wrong is gathered, so that all of it is told at once. Pure, but for resolving
/// creation ids.
class WishReader {
 public:
  WishReader(const Call& call, const Call::Account& account) : call_(call), account_(account) {}

  /// Of an object to create; a parent that is to be created later in the same call is `waits`.
  void readObject(const Json& object);
  /// Of a patch to `node`, whose sharing is `now` (read when the patch needs it: readsSharing()).
  void readPatchOf(const MailboxNode& node, const Json& patch, const Sharing& now);
  static bool readsSharing(const Json& patch);

  [[nodiscard]] bool fine() const { return problem_.is_null(); }
  [[nodiscard]] bool waits() const { return waits_; }
  /// A SetError.
  [[nodiscard]] const Json& problem() const { return problem_; }
  MailboxWish wish;

 private:
  void take(const std::string& property, const Json& value);
  void takeName(const Json& value);
  void takeParent(const Json& value);
  void takeRole(const Json& value);
  void takeOrder(const Json& value);
  bool takeShare(const std::vector<std::string>& path, const Json& value, const Sharing& now, Json& sharing);
  void invalid(const std::string& property, const std::string& why);
  void refusePatch(const std::string& why);

  const Call& call_;
  const Call::Account& account_;
  Json problem_;
  bool waits_ = false;
};

}  // namespace posthorn::mshttpd::jmap
