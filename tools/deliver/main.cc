// SPDX-License-Identifier: Apache-2.0
// deliver: one message on stdin into the store, for an MTA's pipe.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
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
#include "tools/deliver/options.h"
#include "tools/deliver/recipient.h"

namespace posthorn::deliver {
namespace {

using Recipients = std::vector<std::unique_ptr<Recipient>>;

Recipients makeRecipients(const tools::Context& context, const Options& options) {
  Recipients recipients;
  for (const auto& user : options.users)
    recipients.push_back(std::make_unique<Recipient>(context, options, user));
  return recipients;
}

void failAll(Recipients& recipients, int status, const std::string& text) {
  for (auto& recipient : recipients) recipient->fail(status, text);
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
    if (got < 0) return failAll(recipients, EX_TEMPFAIL, errnoError("read the message").describe());
    if (got == 0) break;
    const Status fed = filter.feed(View(buffer.data(), static_cast<std::size_t>(got)));
    if (!fed.ok()) return failAll(recipients, EX_TEMPFAIL, fed.error().describe());
  }
  const Status ended = filter.end();
  if (!ended.ok()) return failAll(recipients, EX_TEMPFAIL, ended.error().describe());
  if (empty) failAll(recipients, EX_DATAERR, "the message is empty");
}

/// 0 when all have it; what may pass later outweighs what will not.
int report(const Recipients& recipients) {
  int status = EX_OK;
  for (const auto& recipient : recipients) {
    const auto& failure = recipient->failure();
    if (!failure) continue;
    if (status == EX_OK || failure->status == EX_TEMPFAIL) status = failure->status;
    const std::string shown = ascii::printable(recipient->typed());
    tools::complain("deliver", shown + ": " + failure->text + " [" + std::to_string(failure->status) + "]");
    log::write(kNotDelivered,
               {{"user", shown}, {"status", std::to_string(failure->status)}, {"reason", failure->text}});
  }
  return status;
}

int deliver(const Options& options) {
  const auto context = tools::openContext(options.config, "deliver");
  if (!context.ok()) {
    // Whatever is wrong here is for the operator to mend, not for senders to hear of.
    tools::complain("deliver", context.error().text);
    return EX_TEMPFAIL;
  }
  Recipients recipients = makeRecipients(context.value(), options);
  std::set<std::string> taken;
  for (auto& recipient : recipients) recipient->begin(taken);
  if (anyOpen(recipients)) readMessage(recipients, options.returnPath.has_value());
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(Clock::system().wall().time_since_epoch());
  for (auto& recipient : recipients) recipient->finish(now.count());
  return report(recipients);
}

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parseOptions(argc, argv);
  if (!options.ok()) {
    tools::complain("deliver", options.error().text);
    return EX_USAGE;
  }
  if (options.value().help) return std::fputs(kHelp, stdout) < 0 ? EX_IOERR : EX_OK;
  if (options.value().version)
    return std::puts("deliver (Posthorn) " POSTHORN_VERSION) < 0 ? EX_IOERR : EX_OK;
  return deliver(options.value());
}

}  // namespace
}  // namespace posthorn::deliver

int main(int argc, char** argv) {
  try {
    return posthorn::deliver::run(argc, argv);
  } catch (const std::exception& error) {
    // The message has not been acknowledged: let it come again.
    std::fprintf(stderr, "deliver: %s\n", error.what());
    return EX_TEMPFAIL;
  }
}
