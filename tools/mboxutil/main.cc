// SPDX-License-Identifier: Apache-2.0
// mboxutil: mailboxes by their internal names, user/<id>/<mailbox>.
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <sysexits.h>

#include "common/base/ascii.h"
#include "common/config/text.h"
#include "tools/mboxutil/commands.h"

namespace posthorn::mboxutil {

static constexpr std::size_t kAny = 100'000;

// The words and the manual's letters, one table.
const std::vector<Command> kCommands = {
    {"list", 'l', 0, 1, "[PATTERN]", "mailboxes, all or those that match: * any characters, % any but /",
     list},
    {"show", 0, 1, 1, "NAME", "one mailbox, or one user's all, with every number, as JSON", show},
    {"create", 'c', 1, kAny, "NAME...", "make mailboxes; user/ID/INBOX makes the account", create},
    {"delete", 'd', 1, kAny, "NAME...",
     "remove mailboxes; user/ID/INBOX removes all that the user has, and his name from others' access lists",
     remove},
    {"rename", 'r', 2, 2, "OLD NEW", "rename a mailbox and those below it; INBOX gives its messages away",
     rename},
    {"expunge", 'e', 0, kAny, "NAME...|--all",
     "remove messages marked \\Deleted, or old ones, from mailboxes or all that a user has", expunge},
    {"check", 0, 0, kAny, "[USER...]", "verify every record and every body, of all accounts or some", check},
    {"repair", 0, 1, kAny, "USER...", "rebuild accounts from their log alone, then check them", repair},
    {"upkeep", 0, 0, kAny, "[USER...]", "give back the space of removed messages, in all accounts or some",
     upkeep},
    {"import", 0, 2, 2, "USER SOURCE",
     "bring a Maildir, an mbox or a folder of them into the user's mailboxes", import},
    {"partition", 0, 1, 1, "NAME", "take what lies at the partition's path for the partition from now on",
     partition},
};

namespace {

/// What the command line says.
struct Line {
  const Command* command = nullptr;
  Arguments arguments;
  std::string config;
  bool help = false;
  bool version = false;
};

const Command* findCommand(const std::string& text) {
  for (const Command& command : kCommands) {
    if (text == command.word) return &command;
    if (command.letter != 0 && text.size() == 2 && text[0] == '-' && text[1] == command.letter)
      return &command;
  }
  return nullptr;
}

void printHelp() {
  std::printf(
      "Usage: mboxutil COMMAND [--json] [--config FILE] ...\n\n"
      "Mailboxes by their internal names, user/ID/MAILBOX (user/anna/INBOX, user/anna/Work/2026).\n\n");
  for (const Command& command : kCommands) {
    const std::string letter = command.letter == 0 ? "" : std::string(", -") + command.letter;
    std::printf("  %-28s %s\n", (command.word + letter + " " + command.usage).c_str(), command.help);
  }
  std::printf(
      "\n"
      "  -p PATTERN     with list: the same as the word behind it\n"
      "  --json         list and expunge: as JSON\n"
      "  --quick        check and repair: records only, no bodies\n"
      "  --all          expunge: in all accounts\n"
      "  --older-than AGE\n"
      "                 expunge: all that came into their mailbox so long ago; 30d, 12h, 2w, or days\n"
      "  --deleted      expunge: of the old ones only those marked \\Deleted\n"
      "  --seen         expunge: only those that were read\n"
      "  --dry-run      import, expunge: read everything, change nothing, say what would be done\n"
      "  --live         import: the old server is in use still; what it has not numbered yet is left to the\n"
      "                 last run, which goes without it\n"
      "  --append       import: also into mailboxes that have mail of their own, with new UIDs\n"
      "  --format WORD  import: maildir or mbox (else what SOURCE looks like)\n"
      "  --names WORD   import: how folder names are written on disk, mutf7 or utf8 (else what they look "
      "like)\n"
      "  --mbox WORD    import: quoting of From lines in mboxes, rd, o or cl2 (else what Dovecot would "
      "show)\n"
      "  --inbox FILE   import: the mbox that is INBOX, beside a folder of mboxes\n"
      "  --uidls FORMAT import: Dovecot's pop3_uidl_format where it was set (else %%08Xu%%08Xv); none\n"
      "  -q, --quiet    import: no progress on standard error\n"
      "  --config FILE  the configuration file (else $POSTHORN_CONFIG, else /etc/posthorn/posthorn.yaml)\n"
      "  -h, --help, --version\n\n"
      "It runs as root, which becomes server.user, or as server.user. repair needs the services stopped;\n"
      "upkeep is what the services do for accounts in use, for a nightly timer.\n"
      "expunge may run while the services do; it cannot be undone. Without --older-than it removes only\n"
      "messages marked \\Deleted. Names are user/ID for all mailboxes of the user, or user/ID/MAILBOX.\n"
      "import may run while the services do, and again after it was stopped: nothing is imported twice. The "
      "old\n"
      "server should take no new mail then; what it has taken meanwhile, the last run brings along.\n"
      "Exit status (sysexits.h): 0 done; 64 wrong usage; 65 check found damage, or some of what import "
      "found\n"
      "could not be taken; 66 there is no such source; 67 no such user or mailbox; 73 it exists already;\n"
      "75 try again later; 77 not allowed; 78 the configuration is not valid.\n");
}

Error refuse(const std::string& text) {
  return makeError(Errc::Invalid, text + "; see mboxutil --help");
}

/// The options of `import`. False when the word is none of them.
Result<bool> parseImportOption(const std::vector<std::string>& words, std::size_t& at, ImportArguments& out) {
  const std::string& word = words[at];
  bool* const flag = word == "--append"                  ? &out.append
                     : word == "--live"                  ? &out.live
                     : word == "-q" || word == "--quiet" ? &out.quiet
                                                         : nullptr;
  if (flag != nullptr) {
    *flag = out.given = true;
    return true;
  }
  const bool taken =
      word == "--format" || word == "--names" || word == "--mbox" || word == "--inbox" || word == "--uidls";
  if (!taken) return false;
  if (at + 1 == words.size()) return refuse(word + " needs a value");
  const std::string& value = words[++at];
  out.given = true;
  if (word == "--format") out.format = value;
  if (word == "--names") out.names = value;
  if (word == "--mbox") out.quoting = value;
  if (word == "--inbox") out.inbox = value;
  if (word == "--uidls") out.uidls = value;
  return true;
}

/// The options of `expunge`. False when the word is none of them.
Result<bool> parseExpungeOption(const std::vector<std::string>& words, std::size_t& at,
                                ExpungeArguments& out) {
  const std::string& word = words[at];
  bool* const flag = word == "--all"       ? &out.all
                     : word == "--deleted" ? &out.deleted
                     : word == "--seen"    ? &out.seen
                                           : nullptr;
  if (flag == nullptr && word != "--older-than") return false;
  out.given = true;
  if (flag != nullptr) {
    *flag = true;
    return true;
  }
  if (at + 1 == words.size()) return refuse(word + " needs a value");
  const std::string& value = words[++at];
  out.olderThan = config::parseDuration(value, config::Unit::Days);
  // No age at all would mean every message there is: rather a slip than a wish.
  if (!out.olderThan || *out.olderThan == 0)
    return refuse(word + " takes an age, 30d, 12h, 2w or a number of days, not " + ascii::printable(value));
  return true;
}

/// That the options fit the command, and the names are as many as it takes.
Status checkLine(const Line& line) {
  const auto& command = *line.command;
  const auto& arguments = line.arguments;
  if (arguments.import.given && command.run != import) return refuse("this option belongs to import");
  if (arguments.expunge.given && command.run != expunge) return refuse("this option belongs to expunge");
  if (arguments.dryRun && command.run != import && command.run != expunge)
    return refuse("--dry-run belongs to import and expunge");
  const std::size_t count = arguments.names.size();
  // All accounts only in so many words: what is removed does not come back.
  const bool unclear = command.run == expunge && arguments.expunge.all == (count > 0);
  if (count < command.least || count > command.most || unclear)
    return refuse(std::string("usage: mboxutil ") + command.word + " " + command.usage);
  return {};
}

/// Takes the option at `at`, and its value, which is the next word.
Status parseOption(const std::vector<std::string>& words, std::size_t& at, Line& line) {
  const std::string& word = words[at];
  const bool takesValue = word == "--config" || word == "-p";
  if (takesValue && at + 1 == words.size()) return refuse(word + " needs a value");
  if (word == "-h" || word == "--help") {
    line.help = true;
  } else if (word == "--version") {
    line.version = true;
  } else if (word == "--json") {
    line.arguments.json = true;
  } else if (word == "--dry-run") {
    line.arguments.dryRun = true;
  } else if (word == "--quick") {
    line.arguments.quick = true;
  } else if (word == "--config") {
    line.config = words[++at];
  } else if (word.rfind("--config=", 0) == 0) {
    line.config = word.substr(9);
  } else if (word == "-p") {
    line.arguments.names.push_back(words[++at]);
  } else {
    PH_TRY(const bool ofImport, parseImportOption(words, at, line.arguments.import));
    if (ofImport) return {};
    PH_TRY(const bool ofExpunge, parseExpungeOption(words, at, line.arguments.expunge));
    if (!ofExpunge) return refuse("there is no option " + word);
  }
  return {};
}

Result<Line> parseLine(const std::vector<std::string>& words) {
  Line line;
  bool optionsEnd = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool isCommand = line.command == nullptr && findCommand(word) != nullptr;
    if (!optionsEnd && !isCommand && word.size() > 1 && word[0] == '-') {
      optionsEnd = word == "--";
      if (!optionsEnd) PH_CHECK(parseOption(words, i, line));
    } else if (line.command == nullptr) {
      line.command = findCommand(word);
      if (line.command == nullptr) return refuse("there is no command " + word);
    } else {
      line.arguments.names.push_back(word);
    }
  }
  if (line.help || line.version) return line;
  if (line.command == nullptr) return refuse("no command is named");
  PH_CHECK(checkLine(line));
  return line;
}

int run(const std::vector<std::string>& words) {
  const auto line = parseLine(words);
  if (!line.ok()) {
    tools::complain("mboxutil", line.error().text);
    return EX_USAGE;
  }
  if (line.value().help) {
    printHelp();
    return EX_OK;
  }
  if (line.value().version) return std::puts("mboxutil (Posthorn) " POSTHORN_VERSION) < 0 ? EX_IOERR : EX_OK;
  const auto context = tools::openContext(line.value().config, "mboxutil");
  if (!context.ok()) {
    tools::complain("mboxutil", context.error().text);
    return context.error().code == Errc::Denied ? EX_NOPERM : EX_CONFIG;
  }
  const int status = line.value().command->run(context.value(), line.value().arguments);
  return std::fflush(stdout) == 0 ? status : EX_IOERR;
}

}  // namespace
}  // namespace posthorn::mboxutil

int main(int argc, char** argv) {
  try {
    return posthorn::mboxutil::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mboxutil: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
