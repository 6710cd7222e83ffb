// SPDX-License-Identifier: Apache-2.0
// Fills a user's mailbox through the store's own interface, many messages a commit: load_mailbox USER COUNT
// OCTETS [MAILBOX]. The configuration is $POSTHORN_CONFIG's. Every message differs; lines have 80 octets.
#include <cstdio>
#include <string>
#include <vector>

#include "common/base/ascii.h"
#include "common/store/mailbox.h"
#include "tools/accounts/context.h"

namespace {

using namespace posthorn;

std::string messageText(std::uint64_t number, std::uint64_t octets) {
  std::string text = "From: loader@example.org\r\nSubject: message " + std::to_string(number) +
                     "\r\nMessage-ID: <" + std::to_string(number) + "@load.example.org>\r\n\r\n";
  while (text.size() + 2 < octets) {
    const std::size_t line = std::min<std::size_t>(78, octets - text.size() - 2);
    text.append(line, static_cast<char>('a' + number % 26)).append("\r\n");
  }
  return text;
}

Status fill(const store::AccountHandle& account, store::MailboxHandle& box, std::uint64_t count,
            std::uint64_t octets) {
  const std::uint64_t together = octets > 64 * 1024 ? 16 : store::kMaxAppend;
  for (std::uint64_t done = 0; done < count;) {
    std::vector<store::MessageWriter> batch;
    for (; batch.size() < together && done < count; ++done) {
      PH_TRY(store::MessageWriter writer, account.message(octets));
      PH_CHECK(writer.write(messageText(done + 1, octets)));
      PH_CHECK(writer.finish({.seconds = 1'700'000'000 + static_cast<std::int64_t>(done), .zoneMinutes = 0}));
      batch.push_back(std::move(writer));
    }
    PH_CHECK(box.append(batch, store::QuotaPolicy::Ignore));
  }
  return okStatus();
}

Status run(const std::vector<std::string>& words) {
  const auto count = ascii::number(words[1]);
  const auto octets = ascii::number(words[2]);
  if (!count || !octets) return makeError(Errc::Invalid, "COUNT and OCTETS are numbers");
  PH_TRY(const tools::Context context, tools::openContext({}, "load_mailbox"));
  PH_TRY(const auth::Account user, tools::findUser(context, words[0]));
  PH_TRY(const store::AccountHandle account,
         context.store->account(tools::requestFor(context, user), store::Engine::Create::Yes));
  PH_TRY(store::MailboxHandle box, account.mailbox(words.size() > 3 ? words[3] : "INBOX"));
  return fill(account, box, *count, *octets);
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
