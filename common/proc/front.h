// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "common/net/acceptor.h"
#include "common/net/admission.h"
#include "common/net/jobs.h"
#include "common/net/session_table.h"
#include "common/proc/worker.h"

namespace posthorn::proc {

/// What every worker with sessions on streams has: the table, the jobs, the limits and the acceptor, wired to
/// what master wants. Owned by the daemon's Worker, as its last member: what sessions and jobs use is
/// destroyed after it. Loop thread.
class Front {
 public:
  /// `reception` outlives this. Nothing is accepted before accept().
  Front(Host& host, const config::Snapshot& config, config::Service service, net::Reception& reception);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  void accept(std::vector<Listener> listeners);
  /// Live options: limits and timeouts of sessions that are there, too.
  void configure(const config::Snapshot& config);
  /// As Worker::drain and Worker::stop ask; host.finished() follows.
  void drain();
  void stop();

  [[nodiscard]] net::Jobs& jobs() { return jobs_; }
  [[nodiscard]] const net::Admission& admission() const { return admission_; }
  [[nodiscard]] net::SessionTable& sessions() { return sessions_; }
  [[nodiscard]] const net::SessionTable& sessions() const { return sessions_; }

 private:
  void finishWhenArrived();

  Host& host_;
  config::Service service_;
  net::Timer arrivals_;
  std::chrono::seconds drainTimeout_{};
  std::chrono::seconds stopTimeout_{};
  net::SessionTable sessions_;
  net::Admission admission_;
  net::Jobs jobs_;
  net::Acceptor acceptor_;
};

}  // namespace posthorn::proc
