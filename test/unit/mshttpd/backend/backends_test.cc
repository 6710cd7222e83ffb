// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/backends.h"

#include <chrono>
#include <optional>

#include <catch2/catch.hpp>

#include "common/auth/authenticator.h"
#include "test/unit/mshttpd/backend/everybody.h"
#include "test/unit/mshttpd/backend/imap_server.h"

using namespace posthorn;
using namespace posthorn::mshttpd;
using namespace posthorn::mshttpd::backend;
using namespace posthorn::mshttpd::backend::test;
using namespace std::chrono_literals;

namespace {

/// The system's time, and what was waited since without waiting.
class Ahead final : public Clock {
 public:
  [[nodiscard]] Steady steady() const override { return Clock::system().steady() + waited; }
  [[nodiscard]] Wall wall() const override { return Clock::system().wall() + waited; }
  std::chrono::seconds waited{0};
};

/// The web server's own host and another one, each with people who share with whoever asks.
struct World {
  World() {
    home.emplace(kCan);
    far.emplace(kCan);
    homePort = home->port();
    farPort = far->port();
    answer(*home, homeShares);
    answer(*far, farShares);
    const auto loaded = config::parse(
        "base: {hostname: web.example, proxyadmin: adm, proxyadminpass: secret, proxyimapport: " +
            std::to_string(homePort) +
            "}\nstore.admins: adm\nproxy:far.example: {imaphost: 127.0.0.1, imapport: " +
            std::to_string(farPort) + "}\n",
        "/tmp/posthorn.yaml");
    INFO(loaded.report());
    REQUIRE(loaded.ok());
    auto logins = std::make_shared<auth::Authenticator>(auth::Settings::from(*loaded.snapshot),
                                                        std::make_unique<Everybody>());
    auto made = Backends::make(*loaded.snapshot, logins, clock);
    REQUIRE(made.ok());
    hosts = *std::move(made);
  }

  static void answer(ImapServer& server, const std::string& owners) {
    server.on("NAMESPACE", [](ImapServer::Talker& talker) {
      return "* NAMESPACE ((\"\" \"/\")) ((\"User/\" \"/\")) NIL\r\n" + talker.tag + " OK done\r\n";
    });
    server.on("LIST", [&owners](ImapServer::Talker& talker) {
      std::string lines;
      for (const char owner : owners)
        lines += std::string("* LIST (\\Noselect) \"/\" \"User/") + owner + "\"\r\n";
      return lines + talker.tag + " OK done\r\n";
    });
  }
  /// The host comes back at its port.
  void farAgain() {
    far.emplace(kCan, farPort);
    answer(*far, farShares);
  }
  /// The owners, a letter each, when what is remembered is too old.
  std::string owners() {
    clock.waited += 31s;
    return ownersNow();
  }
  std::string ownersNow() {
    const auto shared = hosts->sharedWith("anna", {});
    if (!shared.ok()) return shared.error().describe();
    std::string all;
    for (const SharedAccount& account : *shared) all += account.owner;
    return all;
  }

  static constexpr const char* kCan = "IMAP4rev1 SASL-IR ID AUTH=PLAIN UNAUTHENTICATE NAMESPACE";
  Ahead clock;
  std::string homeShares = "b";
  std::string farShares = "cd";
  std::optional<ImapServer> home;
  std::optional<ImapServer> far;
  std::uint16_t homePort = 0;
  std::uint16_t farPort = 0;
  std::shared_ptr<Backends> hosts;
};

}  // namespace

TEST_CASE("who shares with a user is asked of every host, and remembered for half a minute") {
  World world;
  CHECK(world.ownersNow() == "bcd");
  world.farShares = "bd";
  CHECK(world.ownersNow() == "bcd");
  CHECK(world.owners() == "bd");
}

TEST_CASE("what a host shared that is away is away, and not withdrawn") {
  World world;
  CHECK(world.ownersNow() == "bcd");
  world.far.reset();
  world.homeShares = "";
  CHECK(world.owners() == "cd");
  // It is asked again each time, not half a minute later.
  world.farShares = "d";
  world.farAgain();
  world.clock.waited += 10s;  // a host that was away is left alone for a moment
  CHECK(world.ownersNow() == "d");
}

TEST_CASE("a host that was never reached shares nothing") {
  World world;
  world.far.reset();
  CHECK(world.owners() == "b");
  world.farAgain();
  world.clock.waited += 10s;
  CHECK(world.ownersNow() == "bcd");
}
