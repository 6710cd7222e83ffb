// SPDX-License-Identifier: Apache-2.0
#include "common/net/stream.h"

#include <array>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/base/assert.h"
#include "common/net/messages.h"

namespace posthorn::net {
namespace {

// Bytes that wait unsent in the kernel for a slow reader: enough for a fast one, little for ten thousand slow
// ones.
constexpr int kUnsentInKernel = 128 * 1024;

void setOption(int fd, int level, int option, int value) {
  // Sockets of other families refuse; they need none of it.
  ::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

std::string_view toString(Transport state) {
  constexpr std::array<std::string_view, 5> kNames{"Greeting", "Handshake", "Open", "Draining", "Closed"};
  return kNames[static_cast<std::size_t>(state)];
}

bool allowed(Transport from, Transport to) {
  switch (from) {
    case Transport::Greeting:
      return to != Transport::Greeting;
    case Transport::Handshake:
      return to == Transport::Open || to == Transport::Draining || to == Transport::Closed;
    case Transport::Open:
      return to == Transport::Handshake || to == Transport::Draining || to == Transport::Closed;
    case Transport::Draining:
      return to == Transport::Closed;
    case Transport::Closed:
      return false;
  }
  return false;
}

Stream::Stream(Loop& loop, UniqueFd fd, Endpoint peer, Endpoint local, const StreamLimits& limits,
               stats::Slot* stats)
    : loop_(loop),
      fd_(std::move(fd)),
      peer_(peer),
      local_(local),
      limits_(limits),
      stats_(stats),
      readable_(loop, fd_.get(), Ready::Read, [this] { onReadable(); }),
      writable_(loop, fd_.get(), Ready::Write, [this] { onWritable(); }),
      input_(limits.input),
      alive_(std::make_shared<bool>(true)) {
  setOption(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  setOption(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentInKernel);
  setOption(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  input_.setOnRoom([this] {
    readDue_ = true;
    defer();
  });
}

Stream::~Stream() {
  loop_.assertHere();
  *alive_ = false;
  readable_.disable();
  writable_.disable();
}

void Stream::enter(Transport next) {
  PH_ASSERT(allowed(state_, next));
  state_ = next;
}

void Stream::open(std::unique_ptr<SecureLayer> layer) {
  loop_.assertHere();
  PH_ASSERT(handler_ != nullptr);
  opened_ = true;
  if (layer) {
    layer_ = std::move(layer);
    enter(Transport::Handshake);
    flushDue_ = true;
  } else {
    enter(Transport::Open);
    openDue_ = true;
  }
  defer();
}

// All that is due is done once, after the callback that made it due: a burst of writes is one flush.
void Stream::defer() {
  if (deferred_) return;
  deferred_ = true;
  loop_.defer([this, alive = alive_] {
    if (*alive) runDeferred();
  });
}

void Stream::runDeferred() {
  deferred_ = false;
  const auto steps = [this] {
    if (std::exchange(openDue_, false) && state_ == Transport::Open) handler_->onOpen();
    if (std::exchange(readDue_, false) && state_ == Transport::Open) readMore();
    if (std::exchange(flushDue_, false)) flush();
  };
  loop_.guard(steps, [this] { closeNow(makeError(Errc::Internal, "exception in a stream's callback")); });
  input_.release();
  updateWatches();
  if (std::exchange(closedDue_, false)) tellClosed();
}

void Stream::onReadable() {
  const auto steps = [this] {
    if (std::exchange(writeWantsRead_, false)) flush();
    if (state_ == Transport::Handshake) {
      handshake();
    } else if (state_ == Transport::Open) {
      readMore();
    } else if (state_ == Transport::Draining && shutdownSent_) {
      discardInput();
    }
  };
  loop_.guard(steps, [this] { closeNow(makeError(Errc::Internal, "exception in a stream's callback")); });
  updateWatches();
}

void Stream::onWritable() {
  const auto steps = [this] {
    writeBlocked_ = false;
    const bool readWaited = std::exchange(readWantsWrite_, false);
    if (state_ == Transport::Handshake && attached_) {
      handshake();
    } else {
      flush();
      if (readWaited && state_ == Transport::Open) readMore();
    }
  };
  loop_.guard(steps, [this] { closeNow(makeError(Errc::Internal, "exception in a stream's callback")); });
  updateWatches();
}

void Stream::updateWatches() {
  if (state_ == Transport::Closed) return;
  bool read = writeWantsRead_;
  if (state_ == Transport::Handshake) read = attached_ && !readWantsWrite_;
  if (state_ == Transport::Open) read = read || (!eof_ && !readWantsWrite_ && !input_.full());
  if (state_ == Transport::Draining) read = read || shutdownSent_;
  read ? readable_.enable() : readable_.disable();
  writeBlocked_ || readWantsWrite_ ? writable_.enable() : writable_.disable();
}

UniqueFd Stream::releaseFd() {
  loop_.assertHere();
  PH_ASSERT(state_ == Transport::Greeting);
  readable_.disable();
  writable_.disable();
  enter(Transport::Closed);
  return std::move(fd_);
}

}  // namespace posthorn::net
