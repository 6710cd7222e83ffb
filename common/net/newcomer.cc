// SPDX-License-Identifier: Apache-2.0
#include "common/net/newcomer.h"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "common/net/messages.h"

namespace posthorn::net {

Acceptor::Newcomer::Newcomer(Loop& loop, UniqueFd fd, Endpoint peer, std::chrono::milliseconds wait,
                             OnDone onDone)
    : fd_(std::move(fd)),
      peer_(peer),
      onDone_(std::move(onDone)),
      watch_(loop, fd_.get(), Ready::Read, [this] { onReadable(); }),
      timer_(loop, [this] { fail("it did not come in time"); }) {
  watch_.enable();
  timer_.start(wait);
}

UniqueFd Acceptor::Newcomer::takeFd() {
  watch_.disable();
  timer_.stop();
  return std::move(fd_);
}

void Acceptor::Newcomer::onReadable() {
  std::array<char, kProxyHeaderLimit> bytes;
  const ssize_t seen =
      ::recv(fd_.get(), bytes.data(), bytes.size() - header_.size(), MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (seen <= 0) {
    fail("the connection was closed");
    return;
  }
  const std::size_t before = header_.size();
  header_.append(bytes.data(), static_cast<std::size_t>(seen));
  const ProxyParse parsed = parseProxyHeader(header_);
  if (const auto* bad = std::get_if<ProxyBad>(&parsed)) {
    fail(bad->why);
    return;
  }
  const auto* header = std::get_if<ProxyHeader>(&parsed);
  if (header != nullptr) header_.resize(header->length);
  // Now take what is the header's for good: it is all in the socket's buffer.
  const std::size_t mine = header_.size() - before;
  if (::recv(fd_.get(), bytes.data(), mine, MSG_DONTWAIT) != static_cast<ssize_t>(mine)) {
    fail("the socket gave less than it had shown");
    return;
  }
  if (header != nullptr) finish(*header);
}

void Acceptor::Newcomer::fail(std::string_view why) {
  log::write(messages::kProxyHeader, {{"proxy", peer_.text()}, {"why", std::string(why)}});
  finish(std::nullopt);
}

void Acceptor::Newcomer::finish(std::optional<ProxyHeader> header) {
  watch_.disable();
  timer_.stop();
  const OnDone done = std::exchange(onDone_, nullptr);
  if (done) done(*this, header);
}

}  // namespace posthorn::net
