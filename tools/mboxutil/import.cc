// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "tools/mboxutil/commands.h"
#include "tools/mboxutil/import/importer.h"
#include "tools/mboxutil/import/maildir.h"
#include "tools/mboxutil/import/mbox.h"
#include "tools/mboxutil/name.h"

namespace posthorn::mboxutil {

namespace {

Result<migrate::MaildirOptions> maildirOptions(const ImportArguments& given) {
  migrate::MaildirOptions options;
  if (given.names == "mutf7") options.names = migrate::NameForm::Mutf7;
  if (given.names == "utf8") options.names = migrate::NameForm::Utf8;
  options.computeUidls = given.uidls != "none";
  const std::string format = given.uidls.value_or(std::string(migrate::UidlFormat::kDefault));
  if (options.computeUidls) {
    PH_TRY(options.uidls, migrate::UidlFormat::parse(format));
  }
  return options;
}

bool isOneOf(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Result<std::unique_ptr<migrate::Source>> openSource(const std::string& path, const ImportArguments& given) {
  if (!isOneOf(given.format, {"auto", "maildir", "mbox"}))
    return makeError(Errc::Invalid, "--format is maildir or mbox");
  if (!isOneOf(given.names, {"auto", "mutf7", "utf8"}))
    return makeError(Errc::Invalid, "--names is mutf7 or utf8");
  PH_TRY(auto options, maildirOptions(given));
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return errnoError("open " + path);
  const bool maildir =
      S_ISDIR(facts.st_mode) && (::access((path + "/cur").c_str(), F_OK) == 0 ||
                                 ::access((path + "/new").c_str(), F_OK) == 0 || errno == EACCES);
  if (given.format == "maildir" || (given.format == "auto" && maildir && !given.inbox))
    return migrate::MaildirSource::open(path, std::move(options));
  PH_TRY(const auto quoting, migrate::parseQuoting(given.quoting));
  migrate::MboxOptions mbox{options.names, quoting, given.inbox, {}};
  if (options.computeUidls) mbox.uidls = options.uidls;
  return migrate::MboxSource::open(path, std::move(mbox));
}

int failSource(const tools::Context& context, const std::string& path, const Error& error) {
  const int status = fail(path, error);
  if (error.code == Errc::NotFound) return EX_NOINPUT;
  if (error.code != Errc::Denied) return error.code == Errc::Unsupported ? EX_DATAERR : status;
  const std::string& user = context.config->get<"server.user">();
  tools::complain(
      "mboxutil",
      "it is read as " + user +
          " (server.user), never as root; let that user read it while it is imported:\n"
          "  setfacl -R -m u:" +
          user + ":rX " + path +
          "\nand enter the directories above it (x alone). Nothing is written there. Or copy it.");
  return EX_NOPERM;
}

/// The account, made when there is none. A user whose mail is on another host would never see it.
Result<std::optional<store::AccountHandle>> openAccount(const tools::Context& context,
                                                        const std::string& user, bool dryRun) {
  const auto known = tools::findUser(context, user);
  if (known.ok()) {
    const std::string& host = known.value().mailHost;
    if (!host.empty() && !ascii::equal(host, context.config->hostname()))
      return makeError(Errc::Unavailable, "the user's mailboxes are on " + host + ": run the import there");
  }
  using Create = store::Engine::Create;
  auto account = openUser(context, user, dryRun ? Create::No : Create::Yes);
  if (account.ok()) return std::optional(std::move(account).value());
  const bool none = dryRun && known.ok() && account.error().code == Errc::NotFound;
  if (none) return std::optional<store::AccountHandle>();
  return account.error();
}

migrate::Progress::Form formOf(const ImportArguments& given) {
  if (given.quiet) return migrate::Progress::Form::Quiet;
  return ::isatty(STDERR_FILENO) == 1 ? migrate::Progress::Form::Terminal : migrate::Progress::Form::Lines;
}

}  // namespace

int import(const tools::Context& context, const Arguments& arguments) {
  std::string user = arguments.names[0];
  const std::string& path = arguments.names[1];
  if (const auto name = parseName(user); name.ok()) user = name.value().user;
  auto source = openSource(path, arguments.import);
  if (!source.ok()) return failSource(context, path, source.error());
  auto account = openAccount(context, user, arguments.dryRun);
  if (!account.ok()) return fail(user, account.error());
  migrate::Progress progress(formOf(arguments.import));
  migrate::Importer importer(*source.value(), std::move(account).value(),
                             {arguments.import.append, arguments.import.live, arguments.dryRun}, progress);
  migrate::Report report;
  const Status done = importer.run(report);
  const int status = done.ok() ? EX_OK : fail(user, done.error());
  if (arguments.json)
    std::printf("%s\n", migrate::toJson(report, arguments.dryRun).c_str());
  else
    printReport(report, arguments.dryRun);
  if (status != EX_OK) return status;
  return report.complete() ? EX_OK : EX_DATAERR;
}

}  // namespace posthorn::mboxutil
