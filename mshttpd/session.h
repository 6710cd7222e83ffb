// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/net/line_reader.h"
#include "common/net/session.h"
#include "mshttpd/request.h"
#include "mshttpd/response.h"
#include "mshttpd/shared.h"

namespace posthorn::mshttpd {

/// One HTTP/1.1 connection. Owned by the worker's SessionTable; lives on one loop. Requests are answered one
/// at a time and in order; the first head must be whole within unauthtimeout, further ones within
/// idletimeout.
class Session final : public net::StreamSession {
 public:
  Session(Shared& shared, net::Arrival arrival);

  void part(net::Parting why) override;
  void onOpen() override { advance(); }
  void onInput() override { advance(); }
  void onDrained() override { advance(); }
  void onEof() override;

 private:
  void advance();
  bool takeLine();
  void answer(const Request& request);
  void refuse(const Error& error);
  void send(const Response& response, bool headOnly);
  void close();

  Shared& shared_;
  net::LineReader lines_;
  RequestHead head_;
  bool ended_ = false;
};

}  // namespace posthorn::mshttpd
