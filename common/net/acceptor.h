// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "common/base/unique_fd.h"
#include "common/net/admission.h"
#include "common/net/loop.h"
#include "common/net/refusal_log.h"
#include "common/net/session_table.h"
#include "common/net/stream.h"

namespace posthorn::net {

/// A socket that master has bound and put to listen.
struct ListenSocket {
  UniqueFd fd;
  bool tls = false;  ///< TLS from the first byte
};

/// What a service tells its acceptor. Loop thread.
class Reception {
 public:
  virtual ~Reception() = default;
  /// Makes the session of a connection that may come in; the acceptor hands it to the table, which calls
  /// begin().
  virtual std::unique_ptr<Session> welcome(Arrival arrival) = 0;
  /// What a refused client is told in the protocol's own words, with CRLF.
  virtual std::string refusal(Refusal why) = 0;
  /// The server's side of a new TLS connection; null when there is no TLS. For ports with TLS from the first
  /// byte.
  virtual std::unique_ptr<SecureLayer> secureLayer() = 0;
};

/// Accepts a worker's connections: reads PROXY headers of trusted proxies, applies the limits, makes
/// sessions, tells refused clients why. Never spins when descriptors run out. Loop thread; must be destroyed
/// before the table.
class Acceptor {
 public:
  struct Timing {
    std::chrono::milliseconds proxyHeader{5000};  ///< for the PROXY header to arrive
    std::chrono::milliseconds farewell{5000};     ///< for a refused client to take its answer
    std::chrono::milliseconds pause{1000};        ///< before another look when full or out of descriptors
  };

  Acceptor(Loop& loop, SessionTable& sessions, Admission& admission, Reception& reception, stats::Slot slot,
           const StreamLimits& streamLimits, const Timing& timing);
  Acceptor(Loop& loop, SessionTable& sessions, Admission& admission, Reception& reception, stats::Slot slot,
           const StreamLimits& streamLimits = {})
      : Acceptor(loop, sessions, admission, reception, std::move(slot), streamLimits, Timing()) {}
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  /// Sockets are made non-blocking. Accepting starts with the next turn of the loop.
  void add(ListenSocket socket);
  /// Stop, drain: the sockets are closed here at once (master and siblings keep theirs).
  void closeListeners();
  /// There may be room again: called by the table's onRoom, which the constructor sets.
  void reconsider();

  [[nodiscard]] bool accepting() const { return accepting_; }
  /// Connections that are not sessions yet: a PROXY header is awaited, or a refusal is being taken.
  [[nodiscard]] std::size_t arriving() const { return arriving_.size() + leaving_.size(); }

 private:
  class Listener;
  class Newcomer;
  class Refused;

  void acceptFrom(Listener& listener);
  bool acceptOne(Listener& listener);
  void outOfDescriptors(Listener& listener, int number);
  void newcomer(UniqueFd fd, const Endpoint& peer, bool tls);
  void decide(std::unique_ptr<Stream> stream, bool tls);
  void refuse(std::unique_ptr<Stream> stream, bool tls, Refusal why);
  void letAll(bool accept);
  void drop(Newcomer& newcomer);
  void drop(Refused& refused);
  template <typename T>
  void dropFrom(std::list<std::unique_ptr<T>>& list, T& gone);

  Loop& loop_;
  SessionTable& sessions_;
  Admission& admission_;
  Reception& reception_;
  stats::Slot slot_;
  StreamLimits streamLimits_;
  Timing timing_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::list<std::unique_ptr<Newcomer>> arriving_;
  std::list<std::unique_ptr<Refused>> leaving_;
  UniqueFd reserve_;  // given up for a moment to accept and close when no descriptor is left
  Timer recheck_;
  RefusalLog refusals_;
  bool accepting_ = true;
  bool paused_ = false;  // no descriptor is left: not before the timer
  bool closing_ = false;
  bool told_ = false;  // the shortage of descriptors was logged
};

}  // namespace posthorn::net
