// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/stat.h>
#include <sysexits.h>

#include "tools/msuser/commands.h"

namespace posthorn::msuser {
namespace {

struct Options {
  std::string config;
  std::string userFile;
  std::string user;
  std::vector<std::string> users;
  std::vector<std::string> attributes;
  std::string file = "-";
  bool fromStdin = false;
  bool random = false;
  bool json = false;
  bool replace = false;

  [[nodiscard]] PasswordFrom passwordFrom() const {
    if (random) return PasswordFrom::Random;
    return fromStdin ? PasswordFrom::Stdin : PasswordFrom::Terminal;
  }
  [[nodiscard]] Output output() const { return json ? Output::Json : Output::Text; }
};

using Run = std::function<Status(const Context&)>;

constexpr const char* kAttributesHelp =
    "attribute=value: mail name host quota messages status inetstatus services partition language; "
    "an empty value takes it away. quota=100M, quota=-1 unlimited; services=pop,imap or all or none";

void addPasswordOptions(CLI::App& command, Options& options) {
  auto* fromStdin = command.add_flag("--stdin", options.fromStdin, "read the password from a line of stdin");
  command.add_flag("--random", options.random, "make a password up and print it")->excludes(fromStdin);
}

// Passwords are asked for, read from stdin or made up; there is no option that takes one.
void addChanges(CLI::App& app, Options& o, Run& run) {
  auto* addCommand = app.add_subcommand("add", "Make a user");
  addCommand->add_option("user", o.user, "name, or name@domain")->required();
  addCommand->add_option("attributes", o.attributes, kAttributesHelp);
  addPasswordOptions(*addCommand, o);
  addCommand->callback(
      [&] { run = [&](const Context& c) { return add(c, o.user, o.attributes, o.passwordFrom()); }; });

  auto* passwdCommand = app.add_subcommand("passwd", "Give a user another password");
  passwdCommand->add_option("user", o.user, "name, or name@domain")->required();
  addPasswordOptions(*passwdCommand, o);
  passwdCommand->callback(
      [&] { run = [&](const Context& c) { return passwd(c, o.user, o.passwordFrom()); }; });

  auto* setCommand = app.add_subcommand("set", "Change what is known of a user or of a @domain");
  setCommand->add_option("user", o.user, "name, name@domain, or @domain (status, inetstatus, services)")
      ->required();
  setCommand->add_option("attributes", o.attributes, kAttributesHelp)->required();
  setCommand->callback([&] { run = [&](const Context& c) { return set(c, o.user, o.attributes); }; });

  auto* deleteCommand =
      app.add_subcommand("delete",
                         "Take users away; their mail stays, and their names in the access lists of others: "
                         "both go with mboxutil "
                         "delete user/NAME/INBOX, which belongs before anybody else gets the name");
  deleteCommand->add_option("users", o.users, "names")->required();
  deleteCommand->callback([&] { run = [&](const Context& c) { return remove(c, o.users); }; });

  auto* importCommand =
      app.add_subcommand("import", "Make users of lines user:password or user:{scheme}hash");
  importCommand->add_option("file", o.file, "the file; - (the default) is stdin");
  importCommand->add_flag("--replace", o.replace, "users that exist get the new password");
  importCommand->callback([&] {
    run = [&](const Context& c) {
      return import(c, o.file, o.replace ? Existing::AreReplaced : Existing::AreErrors);
    };
  });
}

void addLooks(CLI::App& app, Options& o, Run& run) {
  auto* listCommand = app.add_subcommand("list", "Print the names of all users");
  listCommand->add_flag("--json", o.json, "one JSON object a line, with everything but the password");
  listCommand->callback([&] { run = [&](const Context& c) { return list(c, o.output()); }; });

  auto* showCommand = app.add_subcommand("show", "Print what is known of a user or of a @domain");
  showCommand->add_option("user", o.user, "name, name@domain, or @domain")->required();
  showCommand->add_flag("--json", o.json, "as a JSON object");
  showCommand->callback([&] { run = [&](const Context& c) { return show(c, o.user, o.output()); }; });
}

int fail(const Error& error) {
  std::fprintf(stderr, "msuser: %s\n", error.text.c_str());
  return exitStatus(error.code);
}

int runTool(int argc, char** argv) {
  CLI::App app{"The users of Posthorn's user file"};
  app.require_subcommand(1);
  Options options;
  Run run;
  app.add_option("--config", options.config, "the configuration file");
  app.add_option("--userfile", options.userFile, "the user file, instead of auth.userfile");
  addChanges(app, options, run);
  addLooks(app, options, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? EX_OK : EX_USAGE;
  }
  // What we make is for its owner alone, whatever the caller's umask.
  umask(077);
  auto context = makeContext(options.config, options.userFile);
  if (!context) {
    std::fprintf(stderr, "msuser: %s\n", context.error().text.c_str());
    return EX_CONFIG;
  }
  if (const Status status = dropPrivileges(*context); !status) return fail(status.error());
  if (const Status status = run(*context); !status) return fail(status.error());
  if (std::fflush(stdout) != 0) return EX_IOERR;
  return EX_OK;
}

}  // namespace
}  // namespace posthorn::msuser

int main(int argc, char** argv) {
  try {
    return posthorn::msuser::runTool(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "msuser: %s\n", e.what());
    return EX_SOFTWARE;
  }
}
