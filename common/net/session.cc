// SPDX-License-Identifier: Apache-2.0
#include "common/net/session.h"

#include <array>
#include <string_view>
#include <utility>

#include "common/net/session_table.h"

namespace posthorn::net {

std::string_view toString(Parting why) {
  constexpr std::array<std::string_view, 6> kNames{"idle",     "login-timeout", "crowded",
                                                   "stopping", "drained",       "kicked"};
  return kNames[static_cast<std::size_t>(why)];
}

Session::~Session() = default;

void Session::touch() {
  if (table_ != nullptr) table_->touch(*this);
}

void Session::markAuthenticated() {
  if (table_ != nullptr) table_->markAuthenticated(*this);
}

void Session::markUnauthenticated() {
  if (table_ != nullptr) table_->markUnauthenticated(*this);
}

void Session::end() {
  if (table_ != nullptr) table_->end(*this);
}

StreamSession::StreamSession(Arrival arrival)
    : stream_(std::move(arrival.stream)), layer_(std::move(arrival.layer)) {
  stream_->setHandler(this);
}

void StreamSession::begin() {
  stream_->open(std::move(layer_));
}

void StreamSession::cut(Error why) {
  stream_->abort(std::move(why));
}

void StreamSession::onClosed(const Status& /*why*/) {
  end();
}

}  // namespace posthorn::net
