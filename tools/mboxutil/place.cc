// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "tools/mboxutil/commands.h"

namespace posthorn::mboxutil {

int fail(const std::string& about, const Error& error) {
  tools::complain("mboxutil", about.empty() ? error.describe() : about + ": " + error.describe());
  return tools::exitStatus(error.code);
}

Result<store::AccountRequest> placeOf(const tools::Context& context, const std::string& user) {
  const auto account = tools::findUser(context, user);
  if (account.ok()) return tools::requestFor(context, account.value());
  const Errc code = account.error().code;
  if (code != Errc::NotFound && code != Errc::Invalid) return account.error();
  // The directory has forgotten the user; his mail may still be here.
  for (const auto& partition : context.store->partitions()) {
    PH_TRY(const auto ids, context.store->accounts(partition));
    if (std::binary_search(ids.begin(), ids.end(), user)) return store::AccountRequest{user, partition, {}};
  }
  return makeError(Errc::NotFound, "no such user");
}

Result<store::AccountHandle> openUser(const tools::Context& context, const std::string& user,
                                      store::Engine::Create create) {
  PH_TRY(const auto place, placeOf(context, user));
  return context.store->account(place, create);
}

}  // namespace posthorn::mboxutil
