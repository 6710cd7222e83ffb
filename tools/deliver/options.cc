// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/options.h"

#include <getopt.h>

#include "common/base/ascii.h"
#include "common/store/records.h"
#include "tools/deliver/trace.h"

namespace posthorn::deliver {

const char* const kHelp =
    "Usage: deliver [-c] [-d] [-q] [-m mailbox] [-f sender] [-a authid] [-F flag]... [--config file] "
    "userid...\n"
    "\n"
    "Delivers the message on standard input to each user. A user is a mail address or a user id.\n"
    "\n"
    "  -m mailbox  deliver to this mailbox instead of INBOX\n"
    "  -c          create the mailbox when it is not there\n"
    "  -q          deliver even when the user's quota is passed\n"
    "  -f sender   the envelope sender, for Return-Path; '' is the null sender\n"
    "  -r sender   the same\n"
    "  -a authid   who posts the message, for the log; posting rights are not checked in this release\n"
    "  -F flag     set this flag, for example '\\Flagged' or a keyword; may be repeated\n"
    "  -d          accepted and without effect, for callers of /bin/mail -d\n"
    "  -l          LMTP on standard input: refused; master's service lmtp speaks it on its socket and port\n"
    "  --config    the configuration file (else $POSTHORN_CONFIG, else /etc/posthorn/posthorn.yaml)\n"
    "  -h, --help, --version\n"
    "\n"
    "The message is on disk for good when the status says that it was delivered. Return-Path and "
    "Delivered-To\n"
    "are added; a Return-Path that it has is replaced when -f or -r is given, and a leading mbox \"From \" "
    "line\n"
    "is dropped. No daemon has to run. It runs as root, which becomes server.user, or as server.user.\n"
    "\n"
    "Exit status (sysexits.h): 0 delivered to all; 64 wrong usage; 65 the message is empty or larger than\n"
    "store.maxmessagesize; 67 no such user, or the account takes no mail; 69 over quota for\n"
    "longer than store.quotagraceperiod; 73 there is no such mailbox (see -c)\n"
    "or its name is not one; 75 try again later: everything else, as over quota, disk full, account on hold "
    "or "
    "on\n"
    "another host, configuration not valid, not allowed to run it, directory or store out of reach.\n"
    "With several users each one that failed is named on standard error with its status; the exit status is "
    "75\n"
    "when any of them may succeed later, else the first failure's. An MTA that retries after 75 delivers "
    "again\n"
    "to those who had it: have it run deliver once for each recipient.\n";

namespace {

Status addFlag(Options& options, const std::string& flag) {
  if (const auto bit = store::parseSystemFlag(flag)) {
    options.wishes.flags = static_cast<store::SystemFlags>(options.wishes.flags | *bit);
    return {};
  }
  if (!store::isKeyword(flag)) return makeError(Errc::Invalid, "-F: not a flag: " + ascii::printable(flag));
  options.wishes.keywords.push_back(flag);
  return {};
}

Status apply(Options& options, int letter, const char* value) {
  switch (letter) {
    case 'c':
      options.wishes.create = true;
      return {};
    case 'd':
      return {};
    case 'q':
      options.wishes.ignoreQuota = true;
      return {};
    case 'm':
      options.wishes.mailbox = value;
      return {};
    case 'a':
      options.wishes.author = value;
      return {};
    case 'f':
    case 'r':
      options.returnPath = returnPath(value);
      return {};
    case 'F':
      return addFlag(options, value);
    case 'l':
      return makeError(Errc::Unsupported,
                       "-l: LMTP is spoken by master's service lmtp, not on standard input");
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
      return makeError(Errc::Invalid, "unknown option, or one without its value; see deliver -h");
  }
}

}  // namespace

Result<Options> parseOptions(int argc, char** argv) {
  static const option kLong[] = {{"config", required_argument, nullptr, 'C'},
                                 {"help", no_argument, nullptr, 'h'},
                                 {"version", no_argument, nullptr, 'V'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  opterr = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  for (int letter = 0; (letter = ::getopt_long(argc, argv, "+cdlqhm:a:f:r:F:", kLong, nullptr)) != -1;)
    PH_CHECK(apply(options, letter, optarg));
  for (int i = optind; i < argc; ++i) options.users.emplace_back(argv[i]);
  if (options.help || options.version) return options;
  if (options.users.empty()) return makeError(Errc::Invalid, "no user is named; see deliver -h");
  return options;
}

}  // namespace posthorn::deliver
