// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "master/request.h"
#include "master/supervisor.h"

namespace posthorn::master {

/// Collects what comes of one order to several services and answers when the last holder lets go of it.
struct Supervisor::Gather {
  explicit Gather(Reply to) : reply(std::move(to)) {}
  Gather(const Gather&) = delete;
  Gather& operator=(const Gather&) = delete;
  ~Gather() { reply(outcome); }

  void add(const Status& status, const std::string& good) {
    if (status.ok())
      outcome.messages.push_back(good);
    else if (status.error().code == Errc::Cancelled)
      // Somebody ordered otherwise meanwhile: to take it for a failure would end a master that boots.
      outcome.messages.push_back(status.error().text);
    else
      outcome.fail(status.error().text);
  }

  Outcome outcome;
  Reply reply;
};

}  // namespace posthorn::master
