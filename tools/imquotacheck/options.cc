// SPDX-License-Identifier: Apache-2.0
#include "tools/imquotacheck/options.h"

#include <getopt.h>

#include "common/base/ascii.h"

namespace posthorn::imquotacheck {

const char* const kHelp =
    "Usage: imquotacheck [-u user | -d domain] [-a] [--json]\n"
    "       imquotacheck -n [-D] [-u user | -d domain] [-a] [-r rulefile] [-t message] [--json]\n"
    "\n"
    "Shows what users have and may have, in kbytes of 1024 octets and in messages, or tells them that they\n"
    "near their limit.\n"
    "\n"
    "  -u user      this user: a mail address or a user id\n"
    "  -d domain    the users of this domain\n"
    "  -a           the directory's users instead of those who have mail (user file only)\n"
    "  -n           put a notice into the INBOX of each user whom a rule is for\n"
    "  -D           with -n: say who would be told, and tell nobody\n"
    "  -r rulefile  the rules; else imq.rulefile in server.directory\n"
    "  -t message   the text of the notices; else the rule's messageFile, else imq.msgfile in "
    "server.directory\n"
    "  -f           enforce domain quotas: not in this release, refused (the directory gives no\n"
    "               mailDomainDiskQuota)\n"
    "  --json       a JSON array\n"
    "  --config     the configuration file (else $POSTHORN_CONFIG, else /etc/posthorn/posthorn.yaml)\n"
    "  -h, --help, --version\n"
    "\n"
    "A rule file has sections; [General] holds nothing that this release needs. Every other one is a rule:\n"
    "\n"
    "  [warn90]\n"
    "  notificationTriggerPercentage=90   told from here on, by the rule with the highest percentage that "
    "fits\n"
    "  notificationInterval=48            hours before the same user is told again\n"
    "  messageFile=/etc/posthorn/warn90   optional\n"
    "  enabled=1                          optional\n"
    "\n"
    "A message is header fields with at least a Subject, an empty line and the text. %U% is the user, %Q% "
    "how\n"
    "full the mailbox is in percent, %R% all figures, %M% the mailbox's size, %C% the quota.\n"
    "Notices of deliveries (store.quotanotification) and these remember one and the same last time; use one\n"
    "of the two.\n"
    "\n"
    "It runs as root, which becomes server.user, or as server.user. No daemon has to run.\n"
    "Exit status (sysexits.h): 0 done; 64 wrong usage; 65 a rule or message file that cannot be used; 67 no\n"
    "such user; 69 not in this release; 75 try again later; 77 not allowed; 78 the configuration is not "
    "valid.\n";

namespace {

Status apply(Options& options, int letter, const char* value) {
  switch (letter) {
    case 'u':
      options.user = value;
      return {};
    case 'd':
      options.domain = ascii::toLower(value);
      return {};
    case 'a':
      options.fromDirectory = true;
      return {};
    case 'n':
      options.notify = true;
      return {};
    case 'D':
      options.dryRun = true;
      return {};
    case 'r':
      options.rules = value;
      return {};
    case 't':
      options.letter = value;
      return {};
    case 'f':
      return makeError(
          Errc::Unsupported,
          "-f: domain quotas are not in this release: the directory gives no mailDomainDiskQuota");
    case 'J':
      options.json = true;
      return {};
    case 'C':
      options.config = value;
      return {};
    case 'V':
      options.version = true;
      return {};
    case 'h':
      options.help = true;
      return {};
    default:
      return makeError(Errc::Invalid, "unknown option, or one without its value; see imquotacheck -h");
  }
}

}  // namespace

Result<Options> parseOptions(int argc, char** argv) {
  static const option kLong[] = {{"config", required_argument, nullptr, 'C'},
                                 {"json", no_argument, nullptr, 'J'},
                                 {"help", no_argument, nullptr, 'h'},
                                 {"version", no_argument, nullptr, 'V'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  opterr = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  for (int letter = 0; (letter = ::getopt_long(argc, argv, "+u:d:anDr:t:fh", kLong, nullptr)) != -1;)
    PH_CHECK(apply(options, letter, optarg));
  if (options.help || options.version) return options;
  const auto refuse = [](const char* text) {
    return makeError(Errc::Invalid, std::string(text) + "; see imquotacheck -h");
  };
  if (optind < argc) return refuse("a user is named by -u");
  if (!options.user.empty() && (!options.domain.empty() || options.fromDirectory))
    return refuse("-u goes with neither -d nor -a");
  if (!options.notify && (options.dryRun || !options.rules.empty() || !options.letter.empty()))
    return refuse("-D, -r and -t go with -n");
  return options;
}

}  // namespace posthorn::imquotacheck
