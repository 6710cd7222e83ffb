// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/auth/authenticator.h"
#include "mshttpd/jmap/principals.h"

namespace posthorn::mshttpd::jmap {

/// People of the caller's domain in auth::Directory whose accounts are in use. Any thread.
class DirectoryPrincipals final : public Principals {
 public:
  explicit DirectoryPrincipals(std::shared_ptr<auth::Authenticator> logins) : logins_(std::move(logins)) {}

  Result<std::vector<Principal>> find(const std::string& caller, const std::string& text,
                                      std::size_t most) override;
  Result<std::optional<Principal>> get(const std::string& caller, const std::string& id) override;

 private:
  [[nodiscard]] std::string domainOf(const std::string& user) const;

  std::shared_ptr<auth::Authenticator> logins_;
};

}  // namespace posthorn::mshttpd::jmap
