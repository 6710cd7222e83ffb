// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "common/base/unique_fd.h"
#include "common/net/acceptor.h"
#include "common/net/loop.h"
#include "common/net/proxy_header.h"

namespace posthorn::net {

/// A connection of a trusted proxy whose PROXY header is awaited. Takes exactly the header from the socket:
/// what follows belongs to the client (and may be TLS). Owned by the acceptor; loop thread.
class Acceptor::Newcomer {
 public:
  /// `onDone` is called once: with the header, or with nothing when it is bad or late (logged).
  using OnDone = std::function<void(Newcomer&, std::optional<ProxyHeader>)>;

  Newcomer(Loop& loop, UniqueFd fd, Endpoint peer, std::chrono::milliseconds wait, OnDone onDone);
  /// The socket, to be taken in onDone.
  UniqueFd takeFd();

 private:
  void onReadable();
  void fail(std::string_view why);
  void finish(std::optional<ProxyHeader> header);

  UniqueFd fd_;
  Endpoint peer_;
  OnDone onDone_;
  std::string header_;  // taken from the socket; never more than the header itself
  Watch watch_;
  Timer timer_;
};

}  // namespace posthorn::net
