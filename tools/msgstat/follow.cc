// SPDX-License-Identifier: Apache-2.0
#include "tools/msgstat/follow.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "common/base/ascii.h"
#include "common/events/subscriber.h"
#include "common/net/loop.h"

namespace posthorn::msgstat {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;

/// Where this host reaches its own event service.
std::string addressOf(const config::Snapshot& config) {
  const auto addresses = config.service(config::Service::Ens).listenaddr;
  const auto is = [](const char* wanted) {
    return [wanted](const std::string& address) { return address == wanted; };
  };
  if (std::any_of(addresses.begin(), addresses.end(), is("0.0.0.0"))) return "127.0.0.1";
  if (std::any_of(addresses.begin(), addresses.end(), is("::"))) return "::1";
  if (std::any_of(addresses.begin(), addresses.end(), is("127.0.0.1"))) return "127.0.0.1";
  return addresses.empty() ? "127.0.0.1" : addresses.front();
}

void tell(const std::string& text) {
  std::fprintf(stderr, "msgstat: %s\n", text.c_str());
}

class Screen final : public events::EventHandler {
 public:
  Screen(net::Loop& loop, unsigned long count) : loop_(loop), left_(count) {}

  void onEvent(View line) override {
    const std::string shown = ascii::printable(line, line.size() * 4) + "\n";
    std::fputs(shown.c_str(), stdout);
    if (std::fflush(stdout) != 0) return end(0);  // nobody reads any more
    if (left_ > 0 && --left_ == 0) end(0);
  }
  void onGap(std::optional<std::uint64_t> count) override {
    tell(count ? std::to_string(*count) + " events were lost" : "back again; events may be missing");
  }
  void onListening() override { listening_ = true; }
  void onRefused(View line) override {
    tell("the event service refused: " + ascii::printable(line, 400));
    end(kExitUsage);
  }
  void onDown(const std::string& why) override {
    tell("the event service is not there: " + ascii::printable(why, 400));
    if (!listening_) end(kExitUnavailable);
  }

  [[nodiscard]] int status() const { return status_.value_or(0); }

 private:
  void end(int status) {
    if (!status_) status_ = status;
    loop_.stop();
  }

  net::Loop& loop_;
  unsigned long left_;
  bool listening_ = false;
  std::optional<int> status_;
};

}  // namespace

int follow(const config::Snapshot& config, const Follow& what) {
  const config::ServiceConfig ens = config.service(config::Service::Ens);
  if (!ens.enable) {
    tell("there is no event service: ens.enable is off");
    return kExitUnavailable;
  }
  net::Loop loop;
  Screen screen(loop, what.count);
  events::Subscriber subscriber(
      loop, {.link = {.host = addressOf(config), .port = ens.port}, .types = what.types, .json = what.json},
      screen);
  subscriber.add(what.references.empty() ? std::vector<std::string>{"enp://127.0.0.1"} : what.references);
  subscriber.start();
  loop.run();
  return screen.status();
}

}  // namespace posthorn::msgstat
