// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/wire.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace posthorn::mshttpd::backend {

using Kind = net::SecureLayer::Kind;

Wire::Wire(UniqueFd socket, std::string peer, const Clock& clock)
    : socket_(std::move(socket)), peer_(std::move(peer)), clock_(clock), deadline_(clock.steady()) {}

Wire::~Wire() {
  if (secure_) secure_->shutdown();
}

Result<std::unique_ptr<Wire>> Wire::connect(Dialer& dialer, const Place& place, const tls::ClientContext* tls,
                                            Steady deadline, const Clock& clock) {
  auto socket = dialer.dial(place.host, place.port, deadline);
  if (!socket) {
    socket.error().text = place.describe() + ": " + socket.error().text;
    return std::move(socket).error();
  }
  auto wire = std::make_unique<Wire>(*std::move(socket), place.describe(), clock);
  wire->arm(deadline);
  if (tls != nullptr) PH_CHECK(wire->startTls(*tls, place.name.empty() ? place.host : place.name));
  return wire;
}

Error Wire::gone(const std::string& why) const {
  return makeError(Errc::Unavailable, peer_ + ": " + why);
}

Status Wire::await(short events) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock_.steady());
    if (left.count() <= 0) return makeError(Errc::Timeout, peer_ + ": no answer in time");
    pollfd wait{socket_.get(), events, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return okStatus();
    if (ready < 0 && errno != EINTR) return gone(errnoError("poll").text);
  }
}

/// What to do after a step of TLS that did not give anything yet.
Status Wire::judge(Kind kind, const char* what) {
  switch (kind) {
    case Kind::WantRead:
      return await(POLLIN);
    case Kind::WantWrite:
      return await(POLLOUT);
    default:
      return gone(std::string(what) + secure_->failure());
  }
}

Status Wire::startTls(const tls::ClientContext& tls, const std::string& name) {
  secure_ = tls.newLayer(name);
  if (!secure_ || !secure_->attach(socket_.get())) {
    secure_.reset();
    return gone("TLS cannot begin");
  }
  while (true) {
    const Kind kind = secure_->handshake().kind;
    if (kind == Kind::Done) return okStatus();
    PH_CHECK(judge(kind, "TLS failed: "));
  }
}

Result<std::size_t> Wire::read(std::span<char> into) {
  while (true) {
    if (secure_) {
      const auto outcome = secure_->read(into);
      if (outcome.kind == Kind::Done) return outcome.bytes;
      if (outcome.kind == Kind::Eof) return std::size_t{0};
      PH_CHECK(judge(outcome.kind, "reading: "));
      continue;
    }
    const ssize_t got = recv(socket_.get(), into.data(), into.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return gone(errnoError("reading").text);
    PH_CHECK(await(POLLIN));
  }
}

Status Wire::write(View bytes) {
  while (!bytes.empty()) {
    if (secure_) {
      const auto outcome = secure_->write(bytes);
      if (outcome.kind == Kind::Done)
        bytes.remove_prefix(outcome.bytes);
      else
        PH_CHECK(judge(outcome.kind, "writing: "));
      continue;
    }
    const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return gone(errnoError("writing").text);
    PH_CHECK(await(POLLOUT));
  }
  return okStatus();
}

bool Wire::quiet() const {
  if (secure_ && secure_->hasBuffered()) return false;
  pollfd wait{socket_.get(), POLLIN, 0};
  return poll(&wait, 1, 0) == 0;
}

}  // namespace posthorn::mshttpd::backend
