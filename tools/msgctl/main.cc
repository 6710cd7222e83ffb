// SPDX-License-Identifier: Apache-2.0
// start-msg, stop-msg, restart-msg and refresh: one program, told apart by its name. It asks master over the
// control socket and returns when master has done it.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "common/config/snapshot.h"
#include "common/proc/control.h"
#include "tools/msgctl/commands.h"

namespace posthorn::msgctl {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;
constexpr int kExitConfig = 78;

int complain(const Command& command, const std::string& text, int status) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(command.name.size()), command.name.data(),
               text.c_str());
  return status;
}

// Master is installed in sbin beside our bin, or lies beside us in a build tree.
std::string masterProgram() {
  char* self = ::realpath("/proc/self/exe", nullptr);
  std::string folder = self != nullptr ? self : "";
  std::free(self);
  folder.erase(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/'));
  if (::access((folder + "/master").c_str(), X_OK) == 0) return folder + "/master";
  return folder.substr(0, folder.rfind('/')) + "/sbin/master";
}

bool unitIsInstalled() {
  if (::access("/run/systemd/system", F_OK) != 0) return false;
  for (const char* folder : {"/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"})
    if (::access((std::string(folder) + "/posthorn.service").c_str(), F_OK) == 0) return true;
  return false;
}

// Becomes master, for the named services or for all that are enabled. It goes to the background by itself,
// and its foreground half says how the start went.
int startMaster(const Command& command, const Arguments& arguments, const std::string& file) {
  if (unitIsInstalled() && file == "/etc/posthorn/posthorn.yaml")
    return complain(command, "this instance belongs to systemd: systemctl start posthorn", kExitUsage);
  const std::string program = masterProgram();
  std::vector<std::string> words = {"master", "-c", file};
  for (const std::string& service : arguments.services) words.insert(words.end(), {"--only", service});
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  return complain(command, "cannot run " + program, kExitUnavailable);
}

/// Whether this master was started by systemd, which would not know what became of it.
bool belongsToSystemd(const std::string& socket) {
  const auto answer = proc::askMaster(socket, R"({"command":"status"})", std::chrono::seconds{10});
  if (!answer.ok()) return false;
  const auto status = nlohmann::json::parse(*answer, nullptr, false);
  return status.is_object() && status.contains("status") && status["status"].value("systemd", false);
}

// Drains may take their whole time; everything else is bounded by master itself.
std::chrono::seconds patience(const config::Snapshot& config, const Arguments& arguments) {
  constexpr std::chrono::seconds kMargin{120};
  return kMargin + config.get<"base.stoptimeout">() +
         (arguments.drain ? config.get<"base.draintimeout">() : std::chrono::seconds{0});
}

int showAnswer(const Command& command, const std::string& line) {
  const auto answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object() || !answer.contains("ok") || !answer["ok"].is_boolean())
    return complain(command, "master's answer cannot be understood", kExitUnavailable);
  const bool ok = answer["ok"].get<bool>();
  for (const auto& text : answer.value("messages", nlohmann::json::array()))
    if (text.is_string()) std::fprintf(ok ? stdout : stderr, "%s\n", text.get<std::string>().c_str());
  return ok ? 0 : kExitUnavailable;
}

int carryOut(const Command& command, const Arguments& arguments) {
  const std::string file = config::defaultFile(arguments.config);
  const config::Loaded loaded = config::load(file);
  // A damaged file must not keep the operator from stopping what runs.
  if (!loaded.ok() && arguments.rundir.empty()) {
    return complain(command,
                    loaded.report() + "\nmaster can be reached all the same with --rundir, its server.rundir",
                    kExitConfig);
  }
  const config::Snapshot& config = loaded.ok() ? *loaded.snapshot : config::Snapshot();
  const std::string socket =
      arguments.rundir.empty() ? proc::controlSocketPath(config) : arguments.rundir + "/master.sock";
  if (command.ends && arguments.services.empty() && belongsToSystemd(socket))
    return complain(command, "this instance belongs to systemd: systemctl stop posthorn", kExitUsage);
  const auto answer = proc::askMaster(socket, requestLine(command, arguments), patience(config, arguments));
  if (answer.ok()) return showAnswer(command, *answer);
  if (answer.error().code != Errc::NotFound) return complain(command, answer.error().text, kExitUnavailable);
  if (command.startsMaster) return startMaster(command, arguments, file);
  if (!command.ends) return complain(command, answer.error().text + ": start-msg", kExitUnavailable);
  std::puts("Nothing is running.");
  return 0;
}

int run(int argc, char** argv) {
  const auto command = commandOf(argv[0]);
  if (!command) {
    std::fprintf(stderr, "call this program as start-msg, stop-msg, restart-msg or refresh\n");
    return kExitUsage;
  }
  CLI::App app(std::string(command->purpose), std::string(command->name));
  Arguments arguments;
  app.add_option("-c,--config", arguments.config, "the configuration file");
  app.add_option("--rundir", arguments.rundir, "the run directory of the master to ask (else server.rundir)");
  app.add_option("service", arguments.services, "pop, imap, http; none means all")->expected(0, 64);
  if (command->ends) {
    app.add_flag("--drain", arguments.drain,
                 "keep sessions until they end by themselves (base.draintimeout)");
    app.add_flag("-f,--force", arguments.force, "kill at once");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (arguments.drain && arguments.force)
    return complain(*command, "--drain waits and -f does not: give one of them", kExitUsage);
  return carryOut(*command, arguments);
}

}  // namespace
}  // namespace posthorn::msgctl

int main(int argc, char** argv) {
  return posthorn::msgctl::run(argc, argv);
}
