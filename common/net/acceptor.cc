// SPDX-License-Identifier: Apache-2.0
#include "common/net/acceptor.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

#include "common/net/messages.h"
#include "common/net/newcomer.h"
#include "common/net/refused.h"

namespace posthorn::net {
namespace {

constexpr int kBurst = 64;                    // connections per turn of the loop and socket
constexpr std::size_t kMostLeaving = 256;     // refused clients that get an answer at the same time
constexpr std::size_t kMostArriving = 10000;  // PROXY headers that are awaited at the same time

UniqueFd openReserve() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool isShortage(int number) {
  return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

}  // namespace

class Acceptor::Listener {
 public:
  Listener(Acceptor& acceptor, ListenSocket socket)
      : socket_(std::move(socket)), watch_(acceptor.loop_, socket_.fd.get(), Ready::Read, [&acceptor, this] {
          acceptor.acceptFrom(*this);
        }) {}
  [[nodiscard]] int fd() const { return socket_.fd.get(); }
  [[nodiscard]] bool tls() const { return socket_.tls; }
  void listen(bool on) { on ? watch_.enable() : watch_.disable(); }

 private:
  ListenSocket socket_;
  Watch watch_;
};

Acceptor::Acceptor(Loop& loop, SessionTable& sessions, Admission& admission, Reception& reception,
                   stats::Slot slot, const StreamLimits& streamLimits, const Timing& timing)
    : loop_(loop),
      sessions_(sessions),
      admission_(admission),
      reception_(reception),
      slot_(std::move(slot)),
      streamLimits_(streamLimits),
      timing_(timing),
      reserve_(openReserve()),
      recheck_(loop, [this] { reconsider(); }),
      refusals_(loop.clock()) {
  sessions_.setOnRoom([this] { reconsider(); });
}

Acceptor::~Acceptor() {
  loop_.assertHere();
  sessions_.setOnRoom(nullptr);
}

void Acceptor::add(ListenSocket socket) {
  loop_.assertHere();
  const int flags = ::fcntl(socket.fd.get(), F_GETFL);
  ::fcntl(socket.fd.get(), F_SETFL, flags | O_NONBLOCK);
  listeners_.push_back(std::make_unique<Listener>(*this, std::move(socket)));
  listeners_.back()->listen(accepting_);
}

void Acceptor::closeListeners() {
  loop_.assertHere();
  recheck_.stop();
  // Perhaps called from within acceptFrom (a session that stops the service): free them afterwards.
  for (const auto& listener : listeners_) listener->listen(false);
  auto gone = std::make_shared<std::vector<std::unique_ptr<Listener>>>(std::move(listeners_));
  listeners_.clear();
  closing_ = true;
  loop_.defer([gone] { gone->clear(); });
}

void Acceptor::letAll(bool accept) {
  accepting_ = accept;
  for (const auto& listener : listeners_) listener->listen(accept);
  if (accept) {
    recheck_.stop();
  } else {
    // A sibling that had room may have died or filled up without a word.
    recheck_.start(timing_.pause);
  }
}

void Acceptor::reconsider() {
  loop_.assertHere();
  if (closing_ || paused_) {
    if (recheck_.running() || closing_) return;
    paused_ = false;
  }
  const bool accept = admission_.shouldAccept(arriving_.size());
  if (accept != accepting_ || !accept) letAll(accept);
}

void Acceptor::acceptFrom(Listener& listener) {
  for (int i = 0; i < kBurst && accepting_ && !closing_; ++i) {
    if (!admission_.shouldAccept(arriving_.size())) {
      letAll(false);
      return;
    }
    if (!acceptOne(listener)) return;
  }
}

// False when nothing more is to be taken now.
bool Acceptor::acceptOne(Listener& listener) {
  sockaddr_storage storage{};
  auto* const peer = reinterpret_cast<sockaddr*>(&storage);
  socklen_t length = sizeof storage;
  UniqueFd fd(::accept4(listener.fd(), peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd.valid()) {
    told_ = false;
    slot_.add(stats::Counter::Accepted);
    // Not getpeername(): of a client that has reset the connection already it knows nothing, while what that
    // client said can still be read. Nobody without an address may pass for a local one.
    newcomer(std::move(fd), Endpoint::from(*peer), listener.tls());
    return true;
  }
  const int number = errno;
  if (isShortage(number)) {
    outOfDescriptors(listener, number);
    return false;
  }
  // ECONNABORTED and the network errors of accept(2) belong to that one connection.
  if (number == EAGAIN || number == EWOULDBLOCK) return false;
  if (number == EBADF || number == EINVAL || number == ENOTSOCK) {
    log::write(messages::kAcceptFailed, {{"why", errnoError(number, "accept").text}});
    listener.listen(false);
    return false;
  }
  return true;
}

// Level-triggered, the socket would stay readable and the loop would spin: one waiting client is taken with
// the reserved descriptor and closed, so that it need not wait for a timeout; then nothing is taken for a
// while.
void Acceptor::outOfDescriptors(Listener& listener, int number) {
  if (!std::exchange(told_, true))
    log::write(messages::kNoDescriptor, {{"why", errnoError(number, "accept").text}});
  if (reserve_) {
    reserve_.reset();
    UniqueFd(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC)).reset();
    slot_.add(stats::Counter::Rejected);
  }
  reserve_ = openReserve();
  paused_ = true;
  letAll(false);
}

void Acceptor::newcomer(UniqueFd fd, const Endpoint& peer, bool tls) {
  const Endpoint local = Endpoint::localOf(fd.get());
  if (!admission_.isTrustedProxy(peer.address)) {
    decide(std::make_unique<Stream>(loop_, std::move(fd), peer, local, streamLimits_, &slot_), tls);
    return;
  }
  if (arriving_.size() >= kMostArriving) return;
  arriving_.push_back(std::make_unique<Newcomer>(
      loop_, std::move(fd), peer, timing_.proxyHeader,
      [this, tls, peer, local](Newcomer& self, std::optional<ProxyHeader> header) {
        UniqueFd taken = self.takeFd();
        drop(self);
        if (!header) return;
        // LOCAL and UNKNOWN: the proxy itself is the client.
        decide(std::make_unique<Stream>(loop_, std::move(taken), header->client.value_or(peer),
                                        header->client ? header->server : local, streamLimits_, &slot_),
               tls);
      }));
}

void Acceptor::decide(std::unique_ptr<Stream> stream, bool tls) {
  const Address client = stream->peer().address;
  AddressTicket ticket(slot_, client);
  if (const auto why = admission_.judge(client, arriving_.size())) {
    refuse(std::move(stream), tls, *why);
    return;
  }
  std::unique_ptr<SecureLayer> layer = tls ? reception_.secureLayer() : nullptr;
  if (tls && !layer) return;  // no memory: closing is all that can be done
  auto session = reception_.welcome({.stream = std::move(stream), .layer = std::move(layer)});
  if (session) sessions_.add(std::move(session), std::move(ticket));
}

void Acceptor::refuse(std::unique_ptr<Stream> stream, bool tls, Refusal why) {
  slot_.add(stats::Counter::Rejected);
  if (const auto untold = refusals_.note(stream->peer().address))
    log::write(messages::kRefused, {{"client", stream->peer().text()},
                                    {"reason", std::string(toString(why))},
                                    {"untold", std::to_string(*untold)}});
  if (leaving_.size() >= kMostLeaving) return;
  std::unique_ptr<SecureLayer> layer = tls ? reception_.secureLayer() : nullptr;
  if (tls && !layer) return;
  leaving_.push_back(std::make_unique<Refused>(std::move(stream), reception_.refusal(why), timing_.farewell,
                                               [this](Refused& self) { drop(self); }));
  leaving_.back()->begin(std::move(layer));
}

void Acceptor::drop(Newcomer& newcomer) {
  dropFrom(arriving_, newcomer);
}

void Acceptor::drop(Refused& refused) {
  dropFrom(leaving_, refused);
}

// The object is on the stack: it leaves the list now and memory after this callback.
template <typename T>
void Acceptor::dropFrom(std::list<std::unique_ptr<T>>& list, T& gone) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&gone](const std::unique_ptr<T>& p) { return p.get() == &gone; });
  if (found == list.end()) return;
  std::shared_ptr<T> last(std::move(*found));
  list.erase(found);
  loop_.defer([last]() mutable { last.reset(); });
}

}  // namespace posthorn::net
