// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/stdin.h"

#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <vector>

#include <sysexits.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/clock.h"
#include "tools/accounts/context.h"
#include "tools/deliver/header_filter.h"
#include "tools/deliver/messages.h"
#include "tools/deliver/recipient.h"
#include "tools/deliver/trace.h"

namespace posthorn::deliver {
namespace {

/// All that the message goes to, an account once. Without order: who failed is reported as they were named.
using Recipients = std::vector<std::unique_ptr<Recipient>>;

Site siteOf(const tools::Context& context) {
  return {context.config, context.authenticator->settings(), &context.directory(), context.store};
}

/// An account that is named again has nothing more to do.
void begin(Recipient& recipient, const Options& options, std::set<std::string>& taken) {
  recipient.find(options.wishes);
  if (!recipient.account().empty() && !taken.insert(recipient.account()).second) return;
  recipient.open(options.wishes, 0);
  recipient.begin(traceFields(options.returnPath, recipient.typed()));
}

void failAll(Recipients& recipients, Cause cause, const std::string& text) {
  for (auto& recipient : recipients) recipient->fail(cause, text);
}

bool anyOpen(const Recipients& recipients) {
  for (const auto& recipient : recipients)
    if (!recipient->failure()) return true;
  return false;
}

/// Passes stdin to all that still want it, in bounded memory.
void readMessage(Recipients& recipients, bool dropReturnPath) {
  bool empty = true;
  HeaderFilter filter(dropReturnPath, [&](View part) -> Status {
    empty = empty && part.empty();
    for (auto& recipient : recipients) recipient->write(part);
    return {};
  });
  std::array<char, 64 * 1024> buffer;
  while (anyOpen(recipients)) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failAll(recipients, Cause::Unavailable, errnoError("read the message").describe());
    if (got == 0) break;
    const Status fed = filter.feed(View(buffer.data(), static_cast<std::size_t>(got)));
    if (!fed.ok()) return failAll(recipients, Cause::Unavailable, fed.error().describe());
  }
  const Status ended = filter.end();
  if (!ended.ok()) return failAll(recipients, Cause::Unavailable, ended.error().describe());
  if (empty) failAll(recipients, Cause::Empty, "the message is empty");
}

/// 0 when all have it; what may pass later outweighs what will not.
int report(const Recipients& recipients) {
  int status = EX_OK;
  for (const auto& recipient : recipients) {
    const auto& failure = recipient->failure();
    if (!failure) continue;
    const int one = exitStatus(failure->cause);
    if (status == EX_OK || one == EX_TEMPFAIL) status = one;
    const std::string shown = ascii::printable(recipient->typed());
    tools::complain("deliver", shown + ": " + failure->text + " [" + std::to_string(one) + "]");
    log::write(kNotDelivered, {{"user", shown}, {"status", std::to_string(one)}, {"reason", failure->text}});
  }
  return status;
}

}  // namespace

int deliverStdin(const Options& options) {
  const auto context = tools::openContext(options.config, "deliver");
  if (!context.ok()) {
    // Whatever is wrong here is for the operator to mend, not for senders to hear of.
    tools::complain("deliver", context.error().text);
    return EX_TEMPFAIL;
  }
  const Site site = siteOf(*context);
  Recipients recipients;
  std::set<std::string> taken;
  for (const auto& user : options.users) {
    recipients.push_back(std::make_unique<Recipient>(site, user, user));
    begin(*recipients.back(), options, taken);
  }
  if (anyOpen(recipients)) readMessage(recipients, options.returnPath.has_value());
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(Clock::system().wall().time_since_epoch());
  for (auto& recipient : recipients) recipient->finish(options.wishes, now.count());
  return report(recipients);
}

}  // namespace posthorn::deliver
