// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/accounts/context.h"

namespace posthorn::mboxutil {

/// How `import` reads its source and meets mailboxes that have mail already.
struct ImportArguments {
  std::string format = "auto";       ///< auto, maildir, mbox
  std::string names = "auto";        ///< auto, mutf7, utf8
  std::string quoting = "auto";      ///< of an mbox: auto, rd, o, cl2
  std::optional<std::string> uidls;  ///< Dovecot's pop3_uidl_format; "none"
  std::optional<std::string> inbox;  ///< the mbox that is INBOX
  bool append = false;
  bool live = false;
  bool quiet = false;
  bool given = false;  ///< one of them stood in the command line
};

/// Which messages `expunge` removes: those that fit all of it.
struct ExpungeArguments {
  bool all = false;                       ///< of all accounts
  bool deleted = false;                   ///< \Deleted ones only, as without olderThan
  bool seen = false;                      ///< \Seen ones only
  std::optional<std::int64_t> olderThan;  ///< seconds that they have been in their mailbox
  bool given = false;                     ///< one of them stood in the command line
};

struct Arguments {
  std::vector<std::string> names;
  bool json = false;
  bool quick = false;   ///< check and repair: records only
  bool dryRun = false;  ///< import and expunge: change nothing
  ExpungeArguments expunge;
  ImportArguments import;
};

/// One command: a word, and the manual's letter for it. It returns the exit status.
struct Command {
  const char* word;
  char letter;  ///< 0: none
  std::size_t least;
  std::size_t most;
  const char* usage;
  const char* help;
  int (*run)(const tools::Context& context, const Arguments& arguments);
};

extern const std::vector<Command> kCommands;

int list(const tools::Context& context, const Arguments& arguments);
int show(const tools::Context& context, const Arguments& arguments);
int create(const tools::Context& context, const Arguments& arguments);
int remove(const tools::Context& context, const Arguments& arguments);
int rename(const tools::Context& context, const Arguments& arguments);
int expunge(const tools::Context& context, const Arguments& arguments);
int check(const tools::Context& context, const Arguments& arguments);
int repair(const tools::Context& context, const Arguments& arguments);
int partition(const tools::Context& context, const Arguments& arguments);
int upkeep(const tools::Context& context, const Arguments& arguments);
int import(const tools::Context& context, const Arguments& arguments);

/// Prints the error and returns its status; a missing mailbox or account is EX_NOUSER.
int fail(const std::string& about, const Error& error);

/// The place of a user's account: as the directory says, else where one is found. NotFound.
Result<store::AccountRequest> placeOf(const tools::Context& context, const std::string& user);
Result<store::AccountHandle> openUser(const tools::Context& context, const std::string& user,
                                      store::Engine::Create create);

}  // namespace posthorn::mboxutil
