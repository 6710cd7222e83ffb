// SPDX-License-Identifier: Apache-2.0
// The reading half of Stream, and its TLS handshake.
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "common/base/assert.h"
#include "common/net/messages.h"
#include "common/net/stream.h"

namespace posthorn::net {
namespace {

constexpr std::size_t kFirstRead = 2048;        // commands are short: an idle session that wakes stays small
constexpr std::size_t kNextRead = 16UL * 1024;  // one TLS record
constexpr std::size_t kReadBudget = 64UL * 1024;  // per turn of the loop: others want to be served too

}  // namespace

void Stream::readMore() {
  std::size_t total = 0;
  std::size_t wish = kFirstRead;
  while (total < kReadBudget && !eof_ && state_ == Transport::Open) {
    const std::span<char> room = input_.room(wish);
    if (room.empty()) break;
    const std::size_t got = readInto(room);
    total += got;
    input_.grown(got);
    if (got < room.size() && (got == 0 || !layer_)) break;
    wish = kNextRead;
  }
  if (total > 0) {
    bytesIn_ += total;
    if (stats_ != nullptr) stats_->add(stats::Counter::BytesIn, total);
    if (state_ == Transport::Open) handler_->onActivity(StreamHandler::Activity::Received);
    if (state_ == Transport::Open) handler_->onInput();
  }
  // After the bytes that came before it.
  if (eof_ && state_ == Transport::Open && !std::exchange(eofTold_, true)) handler_->onEof();
  input_.release();
  if (layer_ && state_ == Transport::Open && !eof_ && !input_.full() && layer_->hasBuffered()) {
    readDue_ = true;
    defer();
  }
}

// Returns how many bytes came; 0 also at the end, on an error, or when there is nothing now.
std::size_t Stream::readInto(std::span<char> room) {
  if (layer_) {
    const SecureLayer::Outcome outcome = layer_->read(room);
    switch (outcome.kind) {
      case SecureLayer::Kind::Done:
        return outcome.bytes;
      case SecureLayer::Kind::WantWrite:
        readWantsWrite_ = true;
        break;
      case SecureLayer::Kind::WantRead:
        break;
      case SecureLayer::Kind::Eof:
        eof_ = true;
        break;
      case SecureLayer::Kind::Failed:
        closeNow(makeError(Errc::Io, "TLS: " + layer_->failure()));
        break;
    }
    return 0;
  }
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) {
      eof_ = true;
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
      closeNow(errnoError("recv"));
    }
    return 0;
  }
}

// After our FIN: whatever still comes is thrown away, so that closing does not turn it into a reset.
void Stream::discardInput() {
  char dump[4096];
  for (int turn = 0; turn < 16; ++turn) {
    const ssize_t got = ::recv(fd_.get(), dump, sizeof dump, MSG_DONTWAIT);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) closeNow(std::move(closedWhy_));
    return;
  }
}

bool Stream::clearBytesWait() const {
  char one = 0;
  return ::recv(fd_.get(), &one, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

Status Stream::startTls(std::unique_ptr<SecureLayer> layer, std::string_view go, std::string_view refuse) {
  loop_.assertHere();
  if (state_ != Transport::Open || layer_ || !layer) return makeError(Errc::Invalid, "TLS cannot start now");
  if (!input_.empty() || clearBytesWait()) {
    log::write(messages::kInjected, {{"client", peer_.text()}});
    write(refuse);
    close();
    input_.clear();
    return makeError(Errc::Denied, "clear text followed the command that starts TLS");
  }
  output_.addCopy(go);
  layer_ = std::move(layer);
  enter(Transport::Handshake);
  flushDue_ = true;
  defer();
  return okStatus();
}

void Stream::handshake() {
  if (!attached_) {
    attached_ = layer_->attach(fd_.get());
    if (!attached_) {
      handshakeFailed();
      return;
    }
  }
  switch (layer_->handshake().kind) {
    case SecureLayer::Kind::Done:
      handshakeDone();
      break;
    case SecureLayer::Kind::WantRead:
      break;
    case SecureLayer::Kind::WantWrite:
      readWantsWrite_ = true;
      break;
    case SecureLayer::Kind::Eof:
    case SecureLayer::Kind::Failed:
      handshakeFailed();
      break;
  }
}

void Stream::handshakeDone() {
  secureInfo_ = layer_->info();
  if (stats_ != nullptr) stats_->add(stats::Counter::TlsSessions);
  enter(Transport::Open);
  // The client's first bytes may be in the layer already, where no readable socket tells of them.
  readDue_ = true;
  defer();
  handler_->onOpen();
}

void Stream::handshakeFailed() {
  const std::string why = layer_->failure();
  if (stats_ != nullptr) stats_->add(stats::Counter::TlsFailed);
  log::write(messages::kTlsFailed, {{"client", peer_.text()}, {"why", why}});
  // The alert is on its way: end in order, so that the client reads it instead of a reset.
  closedWhy_ = makeError(Errc::Invalid, "TLS handshake: " + why);
  layer_.reset();
  close();
}

}  // namespace posthorn::net
