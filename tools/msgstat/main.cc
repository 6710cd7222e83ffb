// SPDX-License-Identifier: Apache-2.0
// msgstat: what runs, as a table or as JSON.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/config/snapshot.h"
#include "common/proc/control.h"
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
};

int complain(const std::string& text, int status) {
  std::fprintf(stderr, "msgstat: %s\n", text.c_str());
  return status;
}

int show(const Arguments& arguments, const std::string& socket) {
  const auto line = proc::askMaster(socket, R"({"command":"status"})", std::chrono::seconds{30});
  if (!line.ok()) return complain(line.error().text, kExitUnavailable);
  const auto answer = nlohmann::json::parse(*line, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false) || !answer.contains("status"))
    return complain("master refused: " + *line, kExitUnavailable);
  const std::string text =
      arguments.json ? answer["status"].dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                     : table(answer["status"]);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  return 0;
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

int run(int argc, char** argv) {
  CLI::App app("Show the services, workers and sessions of this instance.", "msgstat");
  Arguments arguments;
  app.add_option("-c,--config", arguments.config, "the configuration file");
  app.add_option("--rundir", arguments.rundir, "the run directory of the master to ask (else server.rundir)");
  app.add_flag("--json", arguments.json, "everything, as JSON");
  app.add_option("--watch", arguments.watch, "show it again every so many seconds")
      ->check(CLI::Range(1, 3600));
  app.add_option("--release", arguments.release, "let these quarantined accounts in again");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  std::string socket = arguments.rundir + "/master.sock";
  if (arguments.rundir.empty()) {
    const config::Loaded loaded = config::load(config::defaultFile(arguments.config));
    if (!loaded.ok())
      return complain(
          loaded.report() + "\nmaster can be reached all the same with --rundir, its server.rundir",
          kExitConfig);
    socket = proc::controlSocketPath(*loaded.snapshot);
  }
  if (!arguments.release.empty()) return release(arguments, socket);
  return arguments.watch == 0 ? show(arguments, socket) : watch(arguments, socket);
}

}  // namespace
}  // namespace posthorn::msgstat

int main(int argc, char** argv) {
  return posthorn::msgstat::run(argc, argv);
}
