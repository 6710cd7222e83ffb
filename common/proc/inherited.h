// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/events/area.h"
#include "common/proc/worker.h"
#include "common/proc/worker_link.h"

namespace posthorn::proc {

/// The most that a configuration or its TLS keys may weigh.
inline constexpr std::size_t kMaxHandover = 16U << 20;

/// What a fresh worker process finds at the fixed descriptors, owned.
struct Inherited {
  Message launch;
  std::shared_ptr<stats::Board> board;
  Handover handover;
  std::shared_ptr<const events::Area> events;  ///< null when master gave none
};

/// True when the arguments and descriptor 3 say that master started this process.
bool startedByMaster(int argc, char** argv);

/// Takes the other fixed descriptors over and reads what they hold; waits up to five seconds for the launch
/// message on `link`, which is kControlFd.
Result<Inherited> takeOver(Link& link, config::Service service);

/// The two memfds of a launch or a snapshot message as values.
Result<std::shared_ptr<const config::Snapshot>> readConfig(int fd);
Result<std::shared_ptr<const TlsMaterial>> readTls(int fd);

}  // namespace posthorn::proc
