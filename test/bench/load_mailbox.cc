// SPDX-License-Identifier: Apache-2.0
// Fills a user's mailbox through the store's own interface, many messages a commit: load_mailbox USER COUNT
// OCTETS [MAILBOX]. The configuration is $POSTHORN_CONFIG's. Every message differs; lines have 80 octets.
#include <cstdio>
#include <string>
#include <vector>

#include "common/base/ascii.h"
#include "common/store/mailbox.h"
#include "test/bench/fill.h"
#include "tools/accounts/context.h"

namespace {

using namespace posthorn;

Status run(const std::vector<std::string>& words) {
  const auto count = ascii::number(words[1]);
  const auto octets = ascii::number(words[2]);
  if (!count || !octets) return makeError(Errc::Invalid, "COUNT and OCTETS are numbers");
  PH_TRY(const tools::Context context, tools::openContext({}, "load_mailbox"));
  PH_TRY(const auth::Account user, tools::findUser(context, words[0]));
  PH_TRY(const store::AccountHandle account,
         context.store->account(tools::requestFor(context, user), store::Engine::Create::Yes));
  PH_TRY(store::MailboxHandle box, account.mailbox(words.size() > 3 ? words[3] : "INBOX"));
  return bench::fill(account, box, *count, *octets);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fputs("usage: load_mailbox USER COUNT OCTETS [MAILBOX]\n", stderr);
    return 64;
  }
  const Status status = run({argv + 1, argv + argc});
  if (status.ok()) return 0;
  tools::complain("load_mailbox", status.error().describe());
  return tools::exitStatus(status.error().code);
}
