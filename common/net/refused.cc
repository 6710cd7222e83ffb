// SPDX-License-Identifier: Apache-2.0
#include "common/net/refused.h"

#include <utility>

namespace posthorn::net {

Acceptor::Refused::Refused(std::unique_ptr<Stream> stream, std::string words, std::chrono::milliseconds wait,
                           std::function<void(Refused&)> onGone)
    : stream_(std::move(stream)),
      words_(std::move(words)),
      wait_(wait),
      onGone_(std::move(onGone)),
      timer_(stream_->loop(), [this] { stream_->abort(makeError(Errc::Timeout, "refused, and slow")); }) {
  stream_->setHandler(this);
}

void Acceptor::Refused::begin(std::unique_ptr<SecureLayer> layer) {
  timer_.start(wait_);
  stream_->open(std::move(layer));
}

void Acceptor::Refused::onOpen() {
  stream_->write(std::move(words_));
  stream_->close();
}

void Acceptor::Refused::onClosed(const Status& /*why*/) {
  onGone_(*this);
}

}  // namespace posthorn::net
