// SPDX-License-Identifier: Apache-2.0
// msgstat: what runs, as a table or as JSON.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/config/snapshot.h"
#include "common/proc/control.h"
#include "tools/msgstat/follow.h"
#include "tools/msgstat/table.h"

namespace posthorn::msgstat {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;
constexpr int kExitConfig = 78;

struct Arguments {
  std::string config;
  std::string rundir;
  bool json = false;
  unsigned watch = 0;
  std::vector<std::string> release;
  bool events = false;  ///< the command `events`
  bool follow = false;
  Follow what;
};

/// The configuration; complains when there is none that can be used.
std::shared_ptr<const config::Snapshot> load(const Arguments& arguments) {
  const config::Loaded loaded = config::load(config::defaultFile(arguments.config));
  if (!loaded.ok()) std::fprintf(stderr, "msgstat: %s\n", loaded.report().c_str());
  return loaded.snapshot;
}

int complain(const std::string& text, int status) {
  std::fprintf(stderr, "msgstat: %s\n", text.c_str());
  return status;
}

/// Master's status, or the exit status.
struct Asked {
  nlohmann::json status;
  int failed = 0;
};

Asked ask(const std::string& socket) {
  const auto line = proc::askMaster(socket, R"({"command":"status"})", std::chrono::seconds{30});
  if (!line.ok()) return {nullptr, complain(line.error().text, kExitUnavailable)};
  auto answer = nlohmann::json::parse(*line, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false) || !answer.contains("status"))
    return {nullptr, complain("master refused: " + *line, kExitUnavailable)};
  return {std::move(answer["status"]), 0};
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  return 0;
}

int show(const Arguments& arguments, const std::string& socket) {
  const Asked asked = ask(socket);
  if (asked.failed != 0) return asked.failed;
  if (!arguments.json) return print(table(asked.status));
  return print(asked.status.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

/// What the event service has done, and what it does in a second.
int showEvents(const std::string& socket) {
  const Asked before = ask(socket);
  if (before.failed != 0) return before.failed;
  std::this_thread::sleep_for(std::chrono::seconds{1});
  const Asked after = ask(socket);
  return after.failed != 0 ? after.failed : print(eventTable(before.status, after.status));
}

int release(const Arguments& arguments, const std::string& socket) {
  const nlohmann::json request = {{"command", "release"}, {"accounts", arguments.release}};
  const auto line =
      proc::askMaster(socket, request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                      std::chrono::seconds{30});
  if (!line.ok()) return complain(line.error().text, kExitUnavailable);
  const auto answer = nlohmann::json::parse(*line, nullptr, false);
  const bool ok = answer.is_object() && answer.value("ok", false);
  if (answer.is_object())
    for (const auto& text : answer.value("messages", nlohmann::json::array()))
      if (text.is_string()) std::fprintf(ok ? stdout : stderr, "%s\n", text.get<std::string>().c_str());
  return ok ? 0 : kExitUnavailable;
}

int watch(const Arguments& arguments, const std::string& socket) {
  while (true) {
    if (!arguments.json) std::fputs("\033[H\033[2J", stdout);
    if (const int status = show(arguments, socket); status != 0) return status;
    std::this_thread::sleep_for(std::chrono::seconds{arguments.watch});
  }
}

void addEvents(CLI::App& app, Arguments& arguments) {
  CLI::App* const events = app.add_subcommand("events", "The event service: what it does, or what happens.");
  events->fallthrough();
  events->add_flag("--follow", arguments.follow, "show events as they come, as event references");
  events->add_flag("--json", arguments.json, "show them as JSON lines");
  events->add_option("--types", arguments.what.types,
                     "only these, with commas: NewMsg,Login; * for all that there are");
  events->add_option("--count", arguments.what.count, "end after so many events");
  events->add_option("reference", arguments.what.references,
                     "which ones, like enp://127.0.0.1/store/anna or enp://127.0.0.1/store?owner=anna");
  events->callback([&arguments] { arguments.events = true; });
}

int carryOut(Arguments& arguments) {
  std::string socket = arguments.rundir + "/master.sock";
  if (arguments.rundir.empty() || arguments.follow) {
    const auto config = load(arguments);
    if (!config)
      return complain("master can be reached all the same with --rundir, its server.rundir", kExitConfig);
    arguments.what.json = arguments.json;
    if (arguments.events && arguments.follow) return follow(*config, arguments.what);
    socket = proc::controlSocketPath(*config);
  }
  if (arguments.events) return showEvents(socket);
  if (!arguments.release.empty()) return release(arguments, socket);
  return arguments.watch == 0 ? show(arguments, socket) : watch(arguments, socket);
}

int run(int argc, char** argv) {
  CLI::App app("Show the services, workers and sessions of this instance.", "msgstat");
  Arguments arguments;
  app.add_option("-c,--config", arguments.config, "the configuration file");
  app.add_option("--rundir", arguments.rundir, "the run directory of the master to ask (else server.rundir)");
  app.add_flag("--json", arguments.json, "everything, as JSON");
  app.add_option("--watch", arguments.watch, "show it again every so many seconds")
      ->check(CLI::Range(1, 3600));
  app.add_option("--release", arguments.release, "let these quarantined accounts in again");
  addEvents(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return carryOut(arguments);
}

}  // namespace
}  // namespace posthorn::msgstat

int main(int argc, char** argv) {
  return posthorn::msgstat::run(argc, argv);
}
