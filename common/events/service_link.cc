// SPDX-License-Identifier: Apache-2.0
#include "common/events/service_link.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/base/ascii.h"

namespace posthorn::events {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress socketAddressOf(const net::Address& address, std::uint16_t port) {
  SocketAddress made;
  if (address.isV4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&made.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::memcpy(&v4->sin_addr, address.raw().data() + 12, 4);
    made.length = sizeof *v4;
    return made;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&made.storage);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  std::memcpy(&v6->sin6_addr, address.raw().data(), 16);
  made.length = sizeof *v6;
  return made;
}

}  // namespace

bool isServiceLine(View line, View kind) {
  const std::string begin = "{\"ens\":\"" + std::string(kind) + "\"";
  return line.starts_with(begin);
}

ServiceLink::ServiceLink(net::Loop& loop, Settings settings, ServiceLinkHandler& handler)
    : loop_(loop),
      settings_(std::move(settings)),
      handler_(handler),
      wait_(settings_.firstWait),
      timer_(loop,
             [this] {
               if (phase_ == Phase::Waiting)
                 tryNow();
               else
                 failed(lastFailure_.empty() ? "no answer in time" : lastFailure_);
             }),
      alive_(std::make_shared<bool>(true)) {}

ServiceLink::~ServiceLink() {
  *alive_ = false;
}

void ServiceLink::start() {
  loop_.assertHere();
  if (phase_ == Phase::Idle) tryNow();
}

void ServiceLink::stop() {
  loop_.assertHere();
  phase_ = Phase::Idle;
  ++attempt_;
  timer_.stop();
  dialled_.reset();
  dialling_.reset();
  if (stream_) stream_->close();
}

void ServiceLink::tryNow() {
  phase_ = Phase::Connecting;
  lastFailure_.clear();
  timer_.start(settings_.patience);
  const std::uint64_t attempt = ++attempt_;
  if (const auto address = net::Address::parse(settings_.host)) return dial({*address});
  if (ascii::equal(settings_.host, "localhost")) return dial({*net::Address::parse("127.0.0.1")});
  if (!settings_.resolve) return failed("no address is known of " + settings_.host);
  settings_.resolve(settings_.host, [this, alive = alive_, attempt](std::vector<net::Address> found) {
    if (*alive && attempt == attempt_) dial(std::move(found));
  });
}

void ServiceLink::dial(std::vector<net::Address> addresses) {
  if (addresses.empty()) return failed("no address is known of " + settings_.host);
  addresses_ = std::move(addresses);
  std::reverse(addresses_.begin(), addresses_.end());
  dialNext();
}

void ServiceLink::dialNext() {
  dialled_.reset();
  if (addresses_.empty()) return failed(lastFailure_);
  peer_ = {addresses_.back(), settings_.port};
  addresses_.pop_back();
  const SocketAddress to = socketAddressOf(peer_.address, peer_.port);
  dialling_ = UniqueFd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!dialling_) return failed(errnoError("socket").text);
  if (::connect(dialling_.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.length) != 0 &&
      errno != EINPROGRESS) {
    lastFailure_ = errnoError("connect to " + peer_.text()).text;
    return dialNext();
  }
  dialled_ = std::make_unique<net::Watch>(loop_, dialling_.get(), net::Ready::Write, [this] { onDialled(); });
  dialled_->enable();
}

void ServiceLink::onDialled() {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(dialling_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) {
    lastFailure_ = errnoError(error, "connect to " + peer_.text()).text;
    return dialNext();
  }
  dialled_.reset();
  talk(std::move(dialling_));
}

void ServiceLink::talk(UniqueFd fd) {
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  phase_ = Phase::Greeting;
  net::StreamLimits limits;
  limits.input = settings_.maxLine + 2;
  const net::Endpoint local = net::Endpoint::localOf(fd.get());
  stream_ = std::make_unique<net::Stream>(loop_, std::move(fd), peer_, local, limits);
  lines_ = std::make_unique<net::LineReader>(stream_->input(), settings_.maxLine);
  stream_->setHandler(this);
  stream_->open();
}

void ServiceLink::send(std::string line) {
  if (phase_ == Phase::Up) stream_->write(std::move(line));
}

void ServiceLink::onInput() {
  while (stream_ && (phase_ == Phase::Greeting || phase_ == Phase::Up)) {
    const auto line = lines_->next();
    if (!line.ok())
      return stream_->abort(makeError(Errc::TooBig, "the service sent a line that is too long"));
    if (!*line) return;
    const std::string text(**line);
    lines_->consume();
    takeLine(text);
  }
}

void ServiceLink::takeLine(View line) {
  if (phase_ == Phase::Up) return handler_.onLine(line);
  if (!isServiceLine(line, "hello")) {
    lastFailure_ = "the service said " + ascii::printable(line, 200);
    return stream_->abort(makeError(Errc::Denied, lastFailure_));
  }
  phase_ = Phase::Up;
  timer_.stop();
  wait_ = settings_.firstWait;
  handler_.onUp();
}

void ServiceLink::onDrained() {
  if (phase_ == Phase::Up) handler_.onTaken();
}

void ServiceLink::onEof() {
  if (stream_) stream_->close();
}

void ServiceLink::onClosed(const Status& why) {
  bury();
  if (phase_ == Phase::Idle) return;
  std::string text = lastFailure_;
  if (text.empty()) text = why.ok() ? "the service ended the connection" : why.error().text;
  failed(text);
}

/// It is on the stack.
void ServiceLink::bury() {
  std::shared_ptr<net::Stream> last(std::move(stream_));
  std::shared_ptr<net::LineReader> lines(std::move(lines_));
  loop_.defer([last, lines]() mutable {
    lines.reset();
    last.reset();
  });
}

void ServiceLink::failed(const std::string& why) {
  ++attempt_;
  phase_ = Phase::Waiting;
  dialled_.reset();
  dialling_.reset();
  if (stream_) {
    // Its onClosed would come here again.
    stream_->setHandler(nullptr);
    stream_->abort(makeError(Errc::Timeout, why));
    bury();
  }
  timer_.start(wait_);
  wait_ = std::min(wait_ * 2, settings_.lastWait);
  handler_.onDown(why);
}

}  // namespace posthorn::events
