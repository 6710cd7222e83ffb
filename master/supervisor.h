// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/config/snapshot.h"
#include "master/listen.h"
#include "master/plan.h"
#include "master/quarantine.h"
#include "master/reactor.h"
#include "master/request.h"
#include "master/service.h"
#include "master/systemd.h"

namespace posthorn::master {

/// What a reading of the configuration file gave: fit to be used, with what is to be said about it.
struct Reading {
  std::shared_ptr<const config::Snapshot> config;
  std::vector<std::string> warnings;
};

/// Reads and judges the whole file, and fits default maxsessions under `descriptors` (an explicit one that
/// does not fit is an error). The error's text is all findings, one a line.
Result<Reading> readConfiguration(const std::string& file, std::uint64_t descriptors);

/// Carries out what operators, signals and the end of workers ask for, over all services. Orders that bring
/// up workers are carried out one after the other; a stop is carried out at once and ends them. One thread.
class Supervisor {
 public:
  struct Settings {
    std::string file;
    std::string programDir;
    std::uint64_t descriptors = 0;
    proc::RunAs user;
    bool detached = false;  ///< stderr is a file, to be opened anew by its name at each refresh
  };

  Supervisor(Reactor& reactor, Systemd& systemd, Settings settings);

  /// Makes the scoreboards; before anything else.
  Status prepare(Reading reading, std::vector<UniqueFd> passed);
  /// Starts every enabled service, or those of `only`. An error of a listener is an error of the whole start:
  /// nothing is left running then, and `done` says so.
  void boot(const std::vector<config::Service>& only, Reply done);

  void carryOut(const Request& request, Reply reply);
  /// waitpid for all workers that ended.
  void reap();
  /// SIGTERM: everything is stopped, then the reactor. The second call kills.
  void terminate();
  /// SIGUSR1.
  void dump();

  [[nodiscard]] nlohmann::json status() const;
  /// What the services run with, without passwords (master/settings.cc).
  [[nodiscard]] nlohmann::json settings() const;

 private:
  struct Gather;
  struct Queued {
    Request request;
    Reply reply;
  };
  using Plans = std::map<config::Service, std::shared_ptr<const Plan>>;
  /// All that an order that brings up workers needs, read and judged: from here on it changes things.
  struct Prepared {
    Reading reading;
    TicketKeys tickets;
    Plans plans;  ///< of the services that it concerns, as far as they are to run
  };

  void pump();
  void run(const Request& request, Reply reply);
  Result<Prepared> prepareOrder(const Request& request);
  Result<Plans> makePlans(const Request& request, const std::shared_ptr<const config::Snapshot>& config,
                          const TicketKeys& tickets);
  void startServices(const Request& request, const Plans& plans, const std::shared_ptr<Gather>& gather);
  void startOne(Service& service, bool named, const Plans& plans, const std::shared_ptr<Gather>& gather);
  void refreshServices(const Request& request, const Plans& plans, const std::shared_ptr<Gather>& gather);
  void refreshOne(Service& service, bool named, const Plans& plans, const std::shared_ptr<Gather>& gather);
  void restartServices(const Request& request, const Plans& plans, const std::shared_ptr<Gather>& gather);
  void restartOne(Service& service, bool named, const Plans& plans, const ListenSockets* others,
                  const std::shared_ptr<Gather>& gather);
  void stopServices(const Request& request, Reply reply);
  void release(const Request& request, const Reply& reply);
  void stopOne(Service& service, const Request& request, const std::shared_ptr<Gather>& gather);

  void adopt(Reading reading, const std::shared_ptr<Gather>& gather);
  void noteInstanceChanges(const config::Snapshot& next, const std::shared_ptr<Gather>& gather) const;
  Service* find(config::Service service);
  std::vector<Service*> chosen(const Request& request);
  void onCrash(const std::vector<stats::AccountView>& accounts);
  void publishQuarantine();
  void tick();
  void rotateTickets();
  [[nodiscard]] std::string summary() const;

  Reactor& reactor_;
  Systemd& systemd_;
  Settings settings_;
  Binder binder_;
  Surroundings around_;
  TicketKeys tickets_;
  Quarantine quarantine_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::string> warnings_;
  std::deque<Queued> queue_;
  bool running_ = false;
  bool ending_ = false;
  bool terminated_ = false;  // SIGTERM or SIGINT came before
  Steady started_{};
  Steady lastTick_{};
  Steady floor_{};
  Steady lastRotation_{};
};

}  // namespace posthorn::master
