// SPDX-License-Identifier: Apache-2.0
// A stand-in for a worker that publishes:
//   ens_publish SOCKET COUNT [--accounts N] [--owner PREFIX] [--lost N] [--rate PER-SECOND] [--bytes N]
// sends COUNT NewMsg events of PREFIX0 ... PREFIX(N-1) in turn, waiting where the service is slow, and says
// how many went. The UID is the event's number, counted from 1.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>

#include "common/base/clock.h"
#include "common/base/unique_fd.h"
#include "common/events/event.h"

using namespace posthorn;

namespace {

struct Plan {
  std::string socket;
  unsigned long count = 0;
  unsigned long accounts = 1;
  std::string owner = "anna";
  unsigned long lost = 0;
  unsigned long rate = 0;
  unsigned long bytes = 0;
};

int usage() {
  std::fputs(
      "usage: ens_publish SOCKET COUNT [--accounts N] [--owner PREFIX] [--lost N] [--rate N] [--bytes N]\n",
      stderr);
  return 64;
}

bool takeOption(Plan& plan, std::string_view name, const char* value) {
  const unsigned long number = std::strtoul(value, nullptr, 10);
  if (name == "--accounts") plan.accounts = number;
  if (name == "--owner") plan.owner = value;
  if (name == "--lost") plan.lost = number;
  if (name == "--rate") plan.rate = number;
  if (name == "--bytes") plan.bytes = number;
  return name.starts_with("--");
}

events::EventPacket packetOf(const Plan& plan, unsigned long number) {
  events::EventPacket packet;
  packet.lost = number == 0 ? plan.lost : 0;
  events::Event& event = packet.event;
  event.type = events::EventType::NewMsg;
  event.timestamp =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::system().wall().time_since_epoch())
          .count();
  event.hostname = "publisher.test.example";
  event.process = "ens_publish";
  event.owner = plan.accounts == 1 ? plan.owner : plan.owner + std::to_string(number % plan.accounts);
  event.mailbox = "INBOX";
  event.uidValidity = 1;
  const auto uid = static_cast<std::uint32_t>(number + 1);
  event.uids = {{uid, uid}};
  event.lastUid = uid;
  event.header = std::string(plan.bytes, 'h');
  return packet;
}

UniqueFd connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return UniqueFd();
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return UniqueFd();
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc % 2 == 0) return usage();
  Plan plan;
  plan.socket = argv[1];
  plan.count = std::strtoul(argv[2], nullptr, 10);
  for (int i = 3; i < argc; i += 2)
    if (!takeOption(plan, argv[i], argv[i + 1])) return usage();
  const UniqueFd fd = connectTo(plan.socket);
  if (!fd) {
    std::perror("ens_publish: connect");
    return 69;
  }
  const auto began = std::chrono::steady_clock::now();
  for (unsigned long i = 0; i < plan.count; ++i) {
    if (plan.rate != 0)
      std::this_thread::sleep_until(began + std::chrono::microseconds(i * 1'000'000 / plan.rate));
    const Bytes packet = events::encode(packetOf(plan, i));
    if (::send(fd.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) {
      std::printf("%lu\n", i);
      std::perror("ens_publish: send");
      return 70;
    }
  }
  std::printf("%lu\n", plan.count);
  return 0;
}
