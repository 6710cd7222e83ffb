// SPDX-License-Identifier: Apache-2.0
// master: reads the configuration, binds, starts workers and watches them. It speaks no mail protocol.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/proc/control.h"
#include "master/child.h"
#include "master/control_server.h"
#include "master/instance.h"
#include "master/messages.h"
#include "master/supervisor.h"

namespace posthorn::master {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;
constexpr int kExitConfig = 78;
constexpr std::uint64_t kWantedDescriptors = 262144;

constexpr const char* kUsage =
    "usage: master [-c FILE] [--foreground] [--check] [--only NAME] [--libexec DIR]\n"
    "  -c FILE        the configuration ($POSTHORN_CONFIG or /etc/posthorn/posthorn.yaml)\n"
    "  --foreground   stay in the foreground (also when systemd started it)\n"
    "  --check        read and judge the configuration, start nothing\n"
    "  --only NAME    start this service alone (may be repeated)\n"
    "  --libexec DIR  where the worker programs are\n"
    "signals: HUP refresh, TERM and INT stop, USR1 state to the log\n";

struct Arguments {
  std::string file;
  std::string libexec;
  std::vector<config::Service> only;
  std::vector<std::string> notes;  // about names of --only that are no services of this release
  bool refused = false;            // there is no such name
  bool foreground = false;
  bool check = false;
};

std::optional<Arguments> parseArguments(int argc, char** argv) {
  Arguments arguments;
  std::string file;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if ((word == "-c" || word == "--config") && i + 1 < argc)
      file = argv[++i];
    else if (word == "--libexec" && i + 1 < argc)
      arguments.libexec = argv[++i];
    else if (word == "--only" && i + 1 < argc) {
      if (const Status added = addService(arguments.only, argv[++i]); !added.ok()) {
        arguments.notes.push_back(added.error().text);
        arguments.refused = arguments.refused || added.error().code == Errc::NotFound;
      }
    } else if (word == "--foreground" || word == "-f")
      arguments.foreground = true;
    else if (word == "--check")
      arguments.check = true;
    else
      return std::nullopt;
  }
  // A daemon changes its directory and reads the file again later; a symbolic link may lead elsewhere by
  // then.
  std::error_code failed;
  const std::string given = config::defaultFile(file);
  const auto whole = std::filesystem::absolute(given, failed);
  arguments.file = failed ? given : whole.string();
  return arguments;
}

/// --libexec, server.programdir, beside master (a build tree), or libexec/posthorn beside its sbin.
std::string programDirectory(const Arguments& arguments, const config::Snapshot& config) {
  if (!arguments.libexec.empty()) {
    char* whole = ::realpath(arguments.libexec.c_str(), nullptr);
    std::string path = whole != nullptr ? whole : arguments.libexec;
    std::free(whole);
    return path;
  }
  if (const auto& configured = config.get<"server.programdir">(); !configured.empty()) return configured;
  char* self = ::realpath("/proc/self/exe", nullptr);
  const std::string path = self != nullptr ? self : "";
  std::free(self);
  std::string folder = path.substr(0, path.rfind('/'));
  if (::access((folder + "/popd").c_str(), X_OK) == 0) return folder;
  return folder.substr(0, folder.rfind('/')) + "/libexec/posthorn";
}

Result<UniqueFd> takeSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGHUP, SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, number);
  ::signal(SIGPIPE, SIG_IGN);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): master has one thread
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return errnoError("block signals");
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return errnoError("make a signalfd");
  return fd;
}

void onSignals(int fd, Supervisor& supervisor) {
  signalfd_siginfo info{};
  while (::read(fd, &info, sizeof info) == sizeof info) {
    const auto number = static_cast<int>(info.ssi_signo);
    if (number == SIGCHLD) {
      supervisor.reap();
      continue;
    }
    log::write(messages::kSignal,
               {{"signal", ::sigabbrev_np(number)}, {"from", std::to_string(info.ssi_pid)}});
    if (number == SIGTERM || number == SIGINT) supervisor.terminate();
    if (number == SIGUSR1) supervisor.dump();
    if (number == SIGHUP) {
      Request refresh;
      refresh.command = Command::Refresh;
      supervisor.carryOut(refresh, [](const Outcome&) {});
    }
  }
}

int fail(std::optional<Daemon>& daemon, int status, const std::string& text) {
  if (daemon)
    daemon->report(status, "master: " + text);
  else
    std::fprintf(stderr, "master: %s\n", text.c_str());
  return status;
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

/// What a master is made of, once the configuration is known to be good.
struct Running {
  Reactor reactor;
  Systemd systemd;
  int status = 0;

  int serve(Reading reading, Supervisor::Settings settings, const Instance& instance,
            const Arguments& arguments, std::optional<Daemon>& daemon);
};

int Running::serve(Reading reading, Supervisor::Settings settings, const Instance& instance,
                   const Arguments& arguments, std::optional<Daemon>& daemon) {
  const std::string socketPath = proc::controlSocketPath(*reading.config);
  const uid_t user = settings.user.uid;
  auto signals = takeSignals();
  if (!signals.ok()) return fail(daemon, kExitUnavailable, signals.error().text);
  Supervisor supervisor(reactor, systemd, std::move(settings));
  const Status prepared = supervisor.prepare(std::move(reading), Systemd::passedFds());
  if (!prepared.ok()) return fail(daemon, kExitUnavailable, prepared.error().text);
  ControlServer control(reactor, user, [&supervisor](const Request& request, Reply reply) {
    supervisor.carryOut(request, std::move(reply));
  });
  const Status listening = control.listen(instance.folder(), socketPath);
  if (!listening.ok()) return fail(daemon, kExitUnavailable, listening.error().text);
  reactor.watch(signals->get(), [fd = signals->get(), &supervisor] { onSignals(fd, supervisor); });
  log::write(messages::kStarted, {{"version", POSTHORN_VERSION}, {"pid", std::to_string(::getpid())}});
  supervisor.boot(arguments.only, [this, &daemon](const Outcome& outcome) {
    if (outcome.ending) status = kExitUnavailable;
    const int told = outcome.ok ? 0 : kExitUnavailable;
    if (!outcome.ok || daemon) fail(daemon, told, join(outcome.messages));
  });
  reactor.run();
  systemd.keepStore();
  log::write(messages::kEnded);
  return status;
}

int runMaster(const Arguments& arguments) {
  for (const std::string& note : arguments.notes) std::fprintf(stderr, "master: %s\n", note.c_str());
  if (arguments.refused || (!arguments.notes.empty() && arguments.only.empty())) return kExitUnavailable;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): master has one thread
  const bool foreground = arguments.foreground || std::getenv("NOTIFY_SOCKET") != nullptr;
  std::optional<Daemon> daemon;
  const std::uint64_t descriptors = raiseDescriptorLimit(kWantedDescriptors);
  auto reading = readConfiguration(arguments.file, descriptors);
  if (!reading.ok()) {
    std::fprintf(stderr, "%s\n", reading.error().text.c_str());
    return kExitConfig;
  }
  for (const std::string& warning : reading->warnings) std::fprintf(stderr, "master: %s\n", warning.c_str());
  if (arguments.check) {
    std::puts("The configuration is good.");
    return 0;
  }
  ::umask(022);
  auto user = workersUser(*reading->config);
  if (!user.ok()) return fail(daemon, kExitConfig, user.error().text);
  const std::string logs = reading->config->get<"log.directory">();
  const std::string spool = reading->config->get<"http.spooldir">();
  for (const std::string& path : {reading->config->get<"server.directory">(), logs, spool}) {
    if (const Status made = makeDirectory(path, *user); !made.ok())
      return fail(daemon, kExitUnavailable, made.error().text);
  }
  auto instance = Instance::take(*reading->config);
  if (!instance.ok()) return fail(daemon, kExitUnavailable, instance.error().text);
  if (!foreground) {
    auto detached = Daemon::detach();
    if (!detached.ok()) return fail(daemon, kExitUnavailable, detached.error().text);
    daemon.emplace(std::move(*detached));
    Daemon::letGo(*reading->config, *user);
  }
  if (const Status written = instance->writePid(); !written.ok())
    return fail(daemon, kExitUnavailable, written.error().text);
  if (const Status logging = configureLog(*reading->config, *user); !logging.ok())
    std::fprintf(stderr, "master: this log stays on stderr: %s\n", logging.error().text.c_str());
  const std::string programs = programDirectory(arguments, *reading->config);
  if (!foreground && ::chdir("/") != 0) return fail(daemon, kExitUnavailable, "cannot change to /");
  Running running;
  return running.serve(std::move(*reading),
                       {arguments.file, programs, descriptors, std::move(*user), !foreground}, *instance,
                       arguments, daemon);
}

}  // namespace
}  // namespace posthorn::master

int main(int argc, char** argv) {
  const auto arguments = posthorn::master::parseArguments(argc, argv);
  if (!arguments) {
    std::fputs(posthorn::master::kUsage, stderr);
    return posthorn::master::kExitUsage;
  }
  return posthorn::master::runMaster(*arguments);
}
