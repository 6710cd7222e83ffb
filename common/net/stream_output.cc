// SPDX-License-Identifier: Apache-2.0
// The writing half of Stream, and its end.
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/sendfile.h>
#include <sys/socket.h>

#include "common/base/assert.h"
#include "common/net/messages.h"
#include "common/net/stream.h"

namespace posthorn::net {
namespace {

constexpr std::size_t kVectors = 64;
constexpr std::size_t kSendfileAtOnce = 256UL * 1024;
constexpr int kStepsPerTurn = 8;  // then other streams have their turn

bool wouldBlock(int number) {
  return number == EAGAIN || number == EWOULDBLOCK;
}

}  // namespace

void Stream::write(std::string text) {
  loop_.assertHere();
  if (!takesOutput()) return;
  output_.add(std::move(text));
  queued();
}

void Stream::write(std::string_view text) {
  loop_.assertHere();
  if (!takesOutput()) return;
  output_.addCopy(text);
  queued();
}

void Stream::writeView(std::string_view text, std::shared_ptr<const void> pin) {
  loop_.assertHere();
  if (!takesOutput()) return;
  output_.addView(text, std::move(pin));
  queued();
}

void Stream::writeFile(FileRange range) {
  loop_.assertHere();
  if (!takesOutput()) return;
  output_.addFile(std::move(range));
  queued();
}

void Stream::queued() {
  if (pending() > lowWater_) aboveLowWater_ = true;
  if (writeBlocked_) return;  // the socket will tell
  flushDue_ = true;
  defer();
}

void Stream::flush() {
  if (state_ == Transport::Greeting || state_ == Transport::Closed || writeBlocked_ || writeWantsRead_)
    return;
  if (state_ == Transport::Handshake && attached_) return;
  Step step = Step::Again;
  for (int turn = 0; turn < kStepsPerTurn && step == Step::Again; ++turn) step = flushSome();
  if (step == Step::Again) writeBlocked_ = true;  // go on as soon as the others had their turn
  if (step == Step::Failed) return;
  tellDrained();
  if (step != Step::Finished || pending() > 0) return;
  if (state_ == Transport::Handshake) {
    handshake();
  } else if (state_ == Transport::Draining && !shutdownSent_) {
    sayGoodbye();
  }
}

Stream::Step Stream::flushSome() {
  if (pending() == 0) return Step::Finished;
  // In Handshake the last words in clear are on their way.
  if (layer_ && state_ != Transport::Handshake) return sendSecure();
  return output_.frontFile() != nullptr ? sendFile() : sendTexts();
}

Stream::Step Stream::sendTexts() {
  std::array<iovec, kVectors> vectors;
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = output_.frontTexts(vectors.data(), vectors.size());
  const int more = output_.fileFollows() ? MSG_MORE : 0;
  const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
  if (sent >= 0) {
    output_.sent(static_cast<std::uint64_t>(sent));
    taken(static_cast<std::size_t>(sent));
    return Step::Again;
  }
  if (errno == EINTR) return Step::Again;
  if (wouldBlock(errno)) {
    writeBlocked_ = true;
    return Step::Blocked;
  }
  closeNow(errnoError("send"));
  return Step::Failed;
}

Stream::Step Stream::sendFile() {
  const FileRange& file = *output_.frontFile();
  auto offset = static_cast<off_t>(file.offset);
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(file.length, kSendfileAtOnce));
  const ssize_t sent = ::sendfile(fd_.get(), file.fd, &offset, most);
  if (sent > 0) {
    output_.sent(static_cast<std::uint64_t>(sent));
    taken(static_cast<std::size_t>(sent));
    return Step::Again;
  }
  if (sent < 0 && errno == EINTR) return Step::Again;
  if (sent < 0 && wouldBlock(errno)) {
    writeBlocked_ = true;
    return Step::Blocked;
  }
  if (sent == 0) {
    log::write(messages::kShortFile, {{"client", peer_.text()}});
    closeNow(makeError(Errc::Corrupt, "a file is shorter than what was promised of it"));
  } else {
    closeNow(errnoError("sendfile"));
  }
  return Step::Failed;
}

Stream::Step Stream::sendSecure() {
  if (window_.empty() && !fillWindow()) return Step::Failed;
  const SecureLayer::Outcome outcome = layer_->write(std::string_view(window_).substr(windowSent_));
  switch (outcome.kind) {
    case SecureLayer::Kind::Done:
      windowSent_ += outcome.bytes;
      if (windowSent_ == window_.size()) {
        window_.clear();
        windowSent_ = 0;
        if (output_.empty()) std::string().swap(window_);
      }
      taken(outcome.bytes);
      return Step::Again;
    case SecureLayer::Kind::WantRead:
      writeWantsRead_ = true;
      return Step::Blocked;
    case SecureLayer::Kind::WantWrite:
      writeBlocked_ = true;
      return Step::Blocked;
    case SecureLayer::Kind::Eof:
    case SecureLayer::Kind::Failed:
      closeNow(makeError(Errc::Io, "TLS: " + layer_->failure()));
      return Step::Failed;
  }
  return Step::Failed;
}

// Moves what comes next, texts and parts of files joined, into the window: small replies become one record.
bool Stream::fillWindow() {
  const std::size_t limit = limits_.fileWindow;
  window_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(limit, output_.bytes())));
  while (!output_.empty() && window_.size() < limit) {
    if (output_.frontFile() != nullptr) {
      if (!appendFile(limit)) return false;
    } else {
      appendTexts(limit);
    }
  }
  return true;
}

void Stream::appendTexts(std::size_t limit) {
  iovec vector{};
  if (output_.frontTexts(&vector, 1) == 0) return;
  const std::size_t part = std::min(vector.iov_len, limit - window_.size());
  window_.append(static_cast<const char*>(vector.iov_base), part);
  output_.sent(part);
}

bool Stream::appendFile(std::size_t limit) {
  const FileRange& file = *output_.frontFile();
  const std::size_t before = window_.size();
  const auto wish = static_cast<std::size_t>(std::min<std::uint64_t>(file.length, limit - before));
  window_.resize(before + wish);
  ssize_t got = 0;
  do {
    got = ::pread(file.fd, window_.data() + before, wish, static_cast<off_t>(file.offset));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    Error why = got < 0 ? errnoError("pread")
                        : makeError(Errc::Corrupt, "a file is shorter than what was promised of it");
    if (got == 0) log::write(messages::kShortFile, {{"client", peer_.text()}});
    closeNow(std::move(why));
    return false;
  }
  window_.resize(before + static_cast<std::size_t>(got));
  output_.sent(static_cast<std::uint64_t>(got));
  return true;
}

void Stream::taken(std::size_t bytes) {
  if (bytes == 0) return;
  bytesOut_ += bytes;
  if (stats_ != nullptr) stats_->add(stats::Counter::BytesOut, bytes);
  if (timer_ && timer_->running()) timer_->start(limits_.plugged);
  handler_->onActivity(StreamHandler::Activity::Taken);
}

void Stream::tellDrained() {
  if (!aboveLowWater_ || pending() > lowWater_) return;
  aboveLowWater_ = false;
  if (state_ == Transport::Open) handler_->onDrained();
}

void Stream::close() {
  loop_.assertHere();
  if (state_ == Transport::Draining || state_ == Transport::Closed) return;
  if (state_ == Transport::Greeting) opened_ = true;
  if (state_ == Transport::Handshake) {
    // Nothing can be said any more: neither in clear nor under a key that is not agreed.
    output_.clear();
    layer_.reset();
  }
  enter(Transport::Draining);
  timer_ = std::make_unique<Timer>(loop_, [this] { onDrainTimer(); });
  timer_->start(limits_.plugged);
  readWantsWrite_ = false;
  flushDue_ = true;
  defer();
}

void Stream::abort(Error why) {
  loop_.assertHere();
  closeNow(std::move(why));
}

// Everything is with the kernel.
void Stream::sayGoodbye() {
  if (layer_) {
    const SecureLayer::Kind kind = layer_->shutdown().kind;
    if (kind == SecureLayer::Kind::WantWrite) {
      writeBlocked_ = true;
      return;
    }
    layer_.reset();
  }
  ::shutdown(fd_.get(), SHUT_WR);
  shutdownSent_ = true;
  timer_->start(limits_.linger);
  if (eof_) closeNow(std::move(closedWhy_));
}

void Stream::onDrainTimer() {
  if (shutdownSent_) {
    closeNow(std::move(closedWhy_));
  } else {
    closeNow(makeError(Errc::Timeout, "the client does not take what it asked for"));
  }
}

void Stream::closeNow(Status why) {
  if (state_ == Transport::Closed) return;
  enter(Transport::Closed);
  closedWhy_ = std::move(why);
  readable_.disable();
  writable_.disable();
  if (timer_) timer_->stop();
  layer_.reset();
  output_.clear();
  std::string().swap(window_);
  windowSent_ = 0;
  fd_.reset();
  closedDue_ = true;
  defer();
}

void Stream::tellClosed() {
  if (!opened_ || handler_ == nullptr) return;
  loop_.guard([this] { handler_->onClosed(closedWhy_); }, [] {});
}

}  // namespace posthorn::net
