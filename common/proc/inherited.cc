// SPDX-License-Identifier: Apache-2.0
#include "common/proc/inherited.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "common/proc/messages.h"
#include "common/proc/sealed_memfd.h"

namespace posthorn::proc {
namespace {

constexpr int kLaunchWaitMs = 5000;

Result<Message> awaitLaunch(Link& link) {
  pollfd ready{link.fd(), POLLIN, 0};
  int events = 0;
  do {
    events = ::poll(&ready, 1, kLaunchWaitMs);
  } while (events < 0 && errno == EINTR);
  if (events <= 0) return makeError(Errc::Timeout, "master sent no launch message");
  PH_TRY(auto received, link.receive());
  if (!received || received->message.kind != Kind::Launch)
    return makeError(Errc::Invalid, "the first message of master is not a launch");
  return std::move(received->message);
}

Status takeListeners(const Message& launch, std::vector<Listener>& listeners) {
  for (std::size_t i = 0; i < launch.listeners.size(); ++i) {
    const ListenerInfo& info = launch.listeners[i];
    Listener listener{UniqueFd(kFirstListenerFd + static_cast<int>(i)), info.tls, info.address, info.port,
                      false};
    int listening = 0;
    socklen_t length = sizeof listening;
    if (::getsockopt(listener.fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
        listening == 0)
      return makeError(Errc::Invalid, "descriptor " + std::to_string(listener.fd.get()) + " does not listen");
    int type = 0;
    length = sizeof type;
    if (::getsockopt(listener.fd.get(), SOL_SOCKET, SO_TYPE, &type, &length) != 0)
      return errnoError("look at a listener");
    listener.packets = type == SOCK_SEQPACKET;
    if (::fcntl(listener.fd.get(), F_SETFD, FD_CLOEXEC) != 0) return errnoError("close a listener on exec");
    listeners.push_back(std::move(listener));
  }
  return okStatus();
}

/// An area of another release is as good as none: such a worker hears itself and polls for the rest.
Result<std::shared_ptr<const events::Area>> takeEvents(const Message& launch) {
  std::shared_ptr<const events::Area> none;
  if (launch.eventWakes == 0) return none;
  if (launch.eventWakes > events::kSlots) return makeError(Errc::Invalid, "there are too many event slots");
  if (launch.eventSlot && *launch.eventSlot >= launch.eventWakes)
    return makeError(Errc::Invalid, "there is no such event slot");
  UniqueFd memory(kEventAreaFd);
  std::vector<UniqueFd> wakes;
  const int first = kFirstListenerFd + static_cast<int>(launch.listeners.size());
  wakes.reserve(launch.eventWakes);
  for (int i = 0; i < static_cast<int>(launch.eventWakes); ++i) wakes.emplace_back(first + i);
  for (const UniqueFd& wake : wakes)
    if (::fcntl(wake.get(), F_SETFD, FD_CLOEXEC) != 0) return errnoError("close an eventfd on exec");
  auto area = events::Area::attach(std::move(memory), std::move(wakes));
  if (area.ok()) return std::shared_ptr<const events::Area>(std::move(area).value());
  log::write(messages::kNoEvents, {{"reason", area.error().text}});
  return none;
}

/// One of another release is as good as none: such a worker slows guessers down by what it sees itself.
std::shared_ptr<stats::FailureTable> takeFailures(const Message& launch) {
  if (!launch.failures) return nullptr;
  UniqueFd memory(kFailuresFd);
  auto table = stats::FailureTable::attach(std::move(memory));
  if (table.ok()) return std::move(table).value();
  log::write(messages::kNoFailures, {{"reason", table.error().text}});
  return nullptr;
}

}  // namespace

bool startedByMaster(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != kWorkerArgument) return false;
  int type = 0;
  socklen_t length = sizeof type;
  return ::getsockopt(kControlFd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

Result<std::shared_ptr<const config::Snapshot>> readConfig(int fd) {
  PH_TRY(const std::string bytes, readSealed(fd, kMaxHandover));
  return config::Snapshot::deserialize(bytes);
}

Result<std::shared_ptr<const TlsMaterial>> readTls(int fd) {
  PH_TRY(const std::string bytes, readSealed(fd, kMaxHandover));
  PH_TRY(TlsMaterial material, TlsMaterial::decode(bytes));
  return std::shared_ptr<const TlsMaterial>(std::make_shared<TlsMaterial>(std::move(material)));
}

Result<Inherited> takeOver(Link& link, config::Service service) {
  Inherited inherited;
  const UniqueFd config(kConfigFd);
  const UniqueFd tls(kTlsFd);
  UniqueFd scoreboard(kScoreboardFd);
  for (int fd = kControlFd; fd <= kScoreboardFd; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  PH_TRY(inherited.launch, awaitLaunch(link));
  const Message& launch = inherited.launch;
  if (launch.service != config::nameOf(service))
    return makeError(Errc::Invalid, "master takes this program for the service " + launch.service);
  if (launch.slot >= stats::kMaxSlots) return makeError(Errc::Invalid, "there is no such slot");
  PH_TRY(inherited.board, stats::Board::attach(std::move(scoreboard)));
  Handover& handover = inherited.handover;
  handover.service = service;
  handover.generation = launch.generation;
  handover.index = launch.index;
  PH_TRY(handover.config, readConfig(config.get()));
  PH_TRY(handover.tls, readTls(tls.get()));
  PH_CHECK(takeListeners(launch, handover.listeners));
  PH_TRY(inherited.events, takeEvents(launch));
  handover.failures = takeFailures(launch);
  return inherited;
}

}  // namespace posthorn::proc
