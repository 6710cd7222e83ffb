// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include <sys/signalfd.h>
#include <unistd.h>

#include "common/events/notifier.h"
#include "common/events/publisher.h"
#include "common/events/watcher.h"
#include "common/net/loop.h"
#include "common/proc/inherited.h"
#include "common/proc/message.h"
#include "common/proc/messages.h"
#include "common/proc/worker.h"

namespace posthorn::proc {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitSoftware = 70;
/// One wake-up a second is all that an idle worker costs; more often only for those who want to hear at once
/// when it hangs.
constexpr std::chrono::milliseconds kBeat{1000};
constexpr std::chrono::milliseconds kQuickBeat{300};
constexpr std::chrono::seconds kQuickWatchdog{3};
/// What a worker may take beyond the time to stop, to cut the sessions that are left by itself.
constexpr std::chrono::seconds kCutGrace{3};

/// SIGTERM, SIGINT and SIGUSR1 as bytes to read; blocked before the first thread exists, so that all threads
/// inherit that.
Result<UniqueFd> takeSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, number);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is no other thread yet
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return errnoError("block signals");
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return errnoError("make a signalfd");
  return fd;
}

/// The frame around a daemon's Worker: answers master, beats, ends the process.
class Frame final : public Host {
 public:
  Frame(Link link, Inherited inherited, UniqueFd signals, const WorkerSpec& spec)
      : spec_(spec),
        link_(std::move(link)),
        slot_(inherited.board, inherited.launch.slot),
        handover_(std::move(inherited.handover)),
        watcher_(std::make_shared<events::Watcher>(loop_, inherited.events, inherited.launch.eventSlot)),
        signals_(std::move(signals)),
        fromMaster_(loop_, link_.fd(), net::Ready::Read, [this] { onLink(); }),
        fromSignals_(loop_, signals_.get(), net::Ready::Read, [this] { onSignal(); }),
        beat_(loop_, [this] { onBeat(); }),
        deadline_(loop_, [this] { onDeadline(); }) {
    auto told = events::Publisher::Settings::from(*handover_.config);
    told.service = config::nameOf(spec.service);
    handover_.notifier = std::make_shared<const events::Notifier>(
        watcher_->area(), std::make_shared<events::Publisher>(std::move(told)));
    handover_.watcher = watcher_;
  }

  int run();

  net::Loop& loop() override { return loop_; }
  const stats::Slot& slot() const override { return slot_; }
  void finished() override {
    loop_.defer([this] { loop_.stop(); });
  }

 private:
  Status start();
  void onLink();
  void onMessage(Link::Received& received);
  void onOrphaned();
  void onSignal();
  void onBeat();
  [[nodiscard]] std::chrono::milliseconds beatPeriod() const;
  void onDeadline();
  void drain(std::chrono::seconds most);
  void stop(std::chrono::seconds most);
  void tellClosed();
  void applySnapshot(Link::Received& received);
  Status readSnapshot(Link::Received& received);
  void report(Kind kind, std::uint64_t number, const std::string& text);

  const WorkerSpec& spec_;
  net::Loop loop_;
  Link link_;
  stats::Slot slot_;
  Handover handover_;
  std::shared_ptr<events::Watcher> watcher_;
  std::shared_ptr<const config::Snapshot> config_;
  UniqueFd signals_;
  net::Watch fromMaster_;
  net::Watch fromSignals_;
  net::Timer beat_;
  net::Timer deadline_;
  std::unique_ptr<Worker> worker_;
  bool orphaned_ = false;
  bool closed_ = false;
  stats::State phase_ = stats::State::Starting;
};

Status Frame::start() {
  config_ = handover_.config;
  if (auto logging = log::configure(config_->logging(spec_.service)); !logging.ok()) return logging.error();
  slot_.set(stats::Gauge::MaxSessions, config_->service(spec_.service).maxsessions);
  slot_.beat(loop_.now());
  PH_TRY(worker_, spec_.start(*this, std::move(handover_)));
  return okStatus();
}

int Frame::run() {
  fromMaster_.enable();
  fromSignals_.enable();
  std::optional<Error> failed;
  try {
    if (auto started = start(); !started.ok()) failed = started.error();
  } catch (const std::exception& caught) {
    failed = makeError(Errc::Internal, caught.what());
  }
  if (failed) {
    log::write(messages::kCannotStart, {{"reason", failed->text}});
    report(Kind::Failed, 0, failed->text);
    worker_.reset();
    return kExitSoftware;
  }
  phase_ = stats::State::Running;
  slot_.enter(phase_);
  beat_.start(beatPeriod());
  report(Kind::Ready, 0, "");
  log::write(messages::kReady, {{"slot", std::to_string(slot_.number())}});
  loop_.run();
  worker_.reset();
  return 0;
}

void Frame::report(Kind kind, std::uint64_t number, const std::string& text) {
  Message message;
  message.kind = kind;
  message.number = number;
  message.text = text;
  // When master does not read or is gone, the heartbeat and the end of file say all that there is to say.
  static_cast<void>(link_.send(message));
}

void Frame::onBeat() {
  slot_.beat(loop_.now());
  watcher_->look();
  beat_.start(beatPeriod());
}

std::chrono::milliseconds Frame::beatPeriod() const {
  const auto watchdog = config_->get<"base.watchdog">();
  return watchdog.count() != 0 && watchdog <= kQuickWatchdog ? kQuickBeat : kBeat;
}

void Frame::onLink() {
  while (true) {
    auto received = link_.receive();
    if (!received.ok() && received.error().code == Errc::Invalid) {
      log::write(messages::kBadPacket, {{"reason", received.error().text}});
      continue;
    }
    if (!received.ok()) {
      onOrphaned();
      return;
    }
    if (!*received) return;
    onMessage(**received);
  }
}

void Frame::onMessage(Link::Received& received) {
  const Message& message = received.message;
  switch (message.kind) {
    case Kind::Snapshot:
      applySnapshot(received);
      break;
    case Kind::Drain:
      drain(message.seconds);
      break;
    case Kind::Stop:
      stop(message.seconds);
      break;
    case Kind::Died:
      worker_->workerDied({message.service, message.generation, message.slot, message.pid});
      break;
    case Kind::Dump:
      worker_->dumpState();
      break;
    default:
      log::write(messages::kBadPacket, {{"kind", std::string(toString(message.kind))}});
  }
}

void Frame::onOrphaned() {
  fromMaster_.disable();
  if (std::exchange(orphaned_, true)) return;
  log::write(messages::kOrphaned);
  watcher_->poll();
  drain(config_->get<"base.draintimeout">());
}

void Frame::onSignal() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGTERM) stop(config_->get<"base.stoptimeout">());
    if (info.ssi_signo == SIGUSR1) worker_->dumpState();
    // SIGINT is left alone: it is meant for master when both share a terminal.
  }
}

void Frame::drain(std::chrono::seconds most) {
  if (phase_ != stats::State::Running) return;
  phase_ = stats::State::Draining;
  slot_.enter(phase_);
  log::write(messages::kDrains, {{"sessions", std::to_string(slot_.get(stats::Gauge::Sessions))}});
  deadline_.start(most);
  worker_->drain();
  tellClosed();
}

void Frame::stop(std::chrono::seconds most) {
  if (phase_ == stats::State::Stopping) return;
  phase_ = stats::State::Stopping;
  slot_.enter(phase_);
  log::write(messages::kStops, {{"sessions", std::to_string(slot_.get(stats::Gauge::Sessions))}});
  deadline_.start(most + kCutGrace);
  worker_->stop();
  tellClosed();
}

void Frame::tellClosed() {
  if (!std::exchange(closed_, true)) report(Kind::Closed, 0, "");
}

void Frame::onDeadline() {
  if (phase_ == stats::State::Draining) {
    stop(config_->get<"base.stoptimeout">());
    return;
  }
  log::write(messages::kCut, {{"sessions", std::to_string(slot_.get(stats::Gauge::Sessions))}});
  loop_.stop();
}

void Frame::applySnapshot(Link::Received& received) {
  const std::uint64_t number = received.message.number;
  const Status applied = readSnapshot(received);
  if (!applied.ok()) log::write(messages::kSnapshotRefused, {{"reason", applied.error().text}});
  report(Kind::Applied, number, applied.ok() ? "" : applied.error().text);
}

Status Frame::readSnapshot(Link::Received& received) {
  if (received.fds.size() != 2)
    return makeError(Errc::Invalid, "a snapshot message without its two descriptors");
  PH_TRY(auto config, readConfig(received.fds[0].get()));
  PH_TRY(auto tls, readTls(received.fds[1].get()));
  PH_CHECK(log::configure(config->logging(spec_.service)));
  PH_CHECK(worker_->applySnapshot(config, std::move(tls)));
  config_ = std::move(config);
  return okStatus();
}

/// Descriptor 3 may be anything here, so only stderr is told.
int refuseStandalone(const char* program) {
  std::fprintf(stderr, "%s: this program is started by master: use start-msg\n", program);
  return kExitUsage;
}

int runOrThrow(const WorkerSpec& spec) {
  Link link{UniqueFd(kControlFd)};
  auto signals = takeSignals();
  auto inherited = signals.ok() ? takeOver(link, spec.service) : Result<Inherited>(signals.error());
  if (!inherited.ok()) {
    Message message;
    message.kind = Kind::Failed;
    message.text = inherited.error().text;
    static_cast<void>(link.send(message));
    log::write(messages::kCannotStart, {{"reason", message.text}});
    return kExitSoftware;
  }
  Frame frame(std::move(link), std::move(*inherited), std::move(*signals), spec);
  return frame.run();
}

}  // namespace

int runWorker(int argc, char** argv, const WorkerSpec& spec) {
  if (!startedByMaster(argc, argv)) return refuseStandalone(argc > 0 ? argv[0] : "worker");
  try {
    return runOrThrow(spec);
  } catch (const std::exception& caught) {
    std::fprintf(stderr, "%s: %s\n", argv[0], caught.what());
    return kExitSoftware;
  }
}

}  // namespace posthorn::proc
