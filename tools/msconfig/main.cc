// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "common/config/snapshot.h"
#include "tools/msconfig/commands.h"

namespace {

using namespace posthorn;

/// The words behind the command's name. CLI11 hands them over untouched, so that a value may begin with a
/// dash.
int takeWords(const CLI::App& command, std::vector<std::string>& words) {
  words = command.remaining();
  if (!words.empty()) return msconfig::kOk;
  std::cerr << "msconfig " << command.get_name() << ": what?\n" << command.get_description() << "\n";
  return msconfig::kUsage;
}

int run(int argc, char** argv) {
  CLI::App app("Shows, checks and changes the configuration of Posthorn.", "msconfig");
  app.set_version_flag("--version", std::string("msconfig (Posthorn) ") + POSTHORN_VERSION);
  app.set_help_flag("-h,--help", "say this");
  app.require_subcommand(1);
  std::string option;
  app.add_option("-c,--config", option, "the file; else $POSTHORN_CONFIG, else /etc/posthorn/posthorn.yaml")
      ->type_name("FILE");
  int status = msconfig::kOk;
  const auto file = [&option] { return config::defaultFile(option); };

  app.add_subcommand("check", "say all that is wrong with the file")->callback([&] {
    status = msconfig::check(file());
  });

  msconfig::ShowOptions showOptions;
  CLI::App* show =
      app.add_subcommand("show", "list options and their values; a pattern like imap or '*.port' selects");
  show->add_option("pattern", showOptions.pattern, "a section, a name, or a pattern with *");
  show->add_flag("--changed", showOptions.changed, "only those that the file sets");
  show->add_flag("--passwords", showOptions.passwords, "do not mask passwords");
  show->callback([&] { status = msconfig::show(file(), showOptions); });

  std::string name;
  bool passwords = false;
  CLI::App* get = app.add_subcommand("get", "print the value of one option");
  get->add_option("name", name, "new or old name")->required();
  get->add_flag("--passwords", passwords, "do not mask passwords");
  get->callback([&] { status = msconfig::get(file(), name, passwords); });

  std::vector<std::string> words;
  CLI::App* set =
      app.add_subcommand("set", "msconfig set NAME VALUE [NAME VALUE]...: change options in the file");
  set->prefix_command();
  set->callback([&] {
    status = takeWords(*set, words);
    if (status == msconfig::kOk) status = msconfig::set(file(), words);
  });
  CLI::App* unset = app.add_subcommand("unset", "msconfig unset NAME...: take options out of the file");
  unset->prefix_command();
  unset->callback([&] {
    status = takeWords(*unset, words);
    if (status == msconfig::kOk) status = msconfig::unset(file(), words);
  });

  std::string topic;
  CLI::App* help = app.add_subcommand("help", "explain an option, or list those of a section");
  help->add_option("name", topic, "new or old name, a section, or a pattern with *");
  help->callback([&] { status = msconfig::help(topic); });
  app.add_subcommand("sample", "print a file with every option and its default")->callback([&] {
    status = msconfig::sample();
  });
  app.add_subcommand("man", "print the manual page of the file")->callback([&] { status = msconfig::man(); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? msconfig::kOk : msconfig::kUsage;
  }
  std::cout.flush();
  return std::cout.good() ? status : 74;  // EX_IOERR: a full disk behind > must not look like success
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "msconfig: " << e.what() << "\n";
    return 70;
  }
}
