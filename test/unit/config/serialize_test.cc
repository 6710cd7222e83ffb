// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::config;

namespace {

std::shared_ptr<const Snapshot> sample() {
  Loaded loaded = parse(
      "base: {proxyadmin: admin, proxyadminpass: geheim1, loginseparator: \"@+\"}\n"
      "proxy:store1.imapadmin: other\n"
      "proxy:store1.imapadminpass: geheim2\n"
      "base.ugldapbindcred: geheim3\n"
      "store.admins: [admin, \"jörg\"]\n"
      "tls: {main: {cert: a.pem, key: a.key}}\n"
      "pop: {popminpoll: 5m, banner: 'say \"hi\" \\ €', domainallowed: []}\n"
      "partition:second.path: /b\n",
      "/srv/posthorn.yaml");
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return loaded.snapshot;
}

std::shared_ptr<const Snapshot> through(const Snapshot& config, Service service) {
  auto back = Snapshot::deserialize(config.serialize(service));
  REQUIRE(back.ok());
  return *back;
}

}  // namespace

TEST_CASE("a service receives its rows and no others") {
  const auto config = sample();
  const std::string pop = config->serialize(Service::Pop);
  CHECK(pop.find("proxyadmin") == std::string::npos);
  CHECK(pop.find("geheim1") == std::string::npos);
  CHECK(pop.find("geheim2") == std::string::npos);
  CHECK(pop.find("imap.port") == std::string::npos);
  CHECK(pop.find("http.") == std::string::npos);
  CHECK(pop.find("server.programdir") == std::string::npos);
  const std::string imap = config->serialize(Service::Imap);
  CHECK(imap.find("base.proxyadmin\"") != std::string::npos);
  CHECK(imap.find("geheim1") == std::string::npos);
  CHECK(imap.find("geheim2") == std::string::npos);
  const std::string http = config->serialize(Service::Http);
  CHECK(http.find("geheim1") != std::string::npos);
  CHECK(http.find("geheim2") != std::string::npos);
  CHECK(http.find("pop.port") == std::string::npos);
}

TEST_CASE("what is received equals what was sent") {
  const auto config = sample();
  for (const Service service : {Service::Pop, Service::Imap, Service::Http, Service::Lmtp, Service::Ens}) {
    const auto back = through(*config, service);
    CHECK(changes(*config, *back).size() ==
          changes(*config, *through(*back, service)).size());  // a second trip loses nothing
    for (std::size_t row = 0; row < kOptions.size(); ++row) {
      if (kOptions[row].grouped()) continue;
      INFO(kOptions[row].name);
      const bool expected = (kOptions[row].to & only(service)) != 0;
      REQUIRE((back->cell(row) != nullptr) == expected);
      if (!expected) continue;
      CHECK(back->cell(row)->value == config->cell(row)->value);
      CHECK(back->cell(row)->isSet == config->cell(row)->isSet);
    }
  }
  const auto pop = through(*config, Service::Pop);
  CHECK(pop->get<"pop.banner">() == "say \"hi\" \\ €");
  CHECK(pop->get<"pop.popminpoll">() == std::chrono::minutes(5));
  CHECK(pop->get<"store.admins">() == std::vector<std::string>{"admin", "jörg"});
  CHECK(*pop->partitionPath("second") == "/b");
  const ServiceConfig service = pop->service(Service::Pop);
  REQUIRE(service.certificates.size() == 1);
  CHECK(service.certificates[0].key == "/var/lib/posthorn/a.key");
  CHECK(pop->hostname() == config->hostname());
  CHECK(pop->logging(Service::Pop).directory == config->logging(Service::Pop).directory);
}

TEST_CASE("neighbouring releases understand each other") {
  auto root = nlohmann::json::parse(sample()->serialize(Service::Pop));
  root["values"]["pop.invented"] = {"1", true};
  root["values"]["imap.port"] = {"1", true};
  root["values"].erase("pop.popminpoll");
  root["groups"]["invented"]["x"]["invented:*.y"] = {"1", true};
  root["more"] = 1;
  auto back = Snapshot::deserialize(root.dump());
  REQUIRE(back.ok());
  CHECK((*back)->get<"pop.popminpoll">() == std::chrono::seconds(0));
  CHECK((*back)->cell(findRow("imap.port")) == nullptr);
}

TEST_CASE("bytes that are not ours are refused and not repeated") {
  auto root = nlohmann::json::parse(sample()->serialize(Service::Http));
  for (const std::string& bytes : {std::string(), std::string("{"), std::string("[]"),
                                   std::string("{\"format\":1}"), std::string("geheim")}) {
    auto back = Snapshot::deserialize(bytes);
    REQUIRE_FALSE(back.ok());
    CHECK(back.error().text.find("geheim") == std::string::npos);
  }
  auto other = root;
  other["format"] = 2;
  CHECK_FALSE(Snapshot::deserialize(other.dump()).ok());
  other = root;
  other["service"] = 17;
  CHECK_FALSE(Snapshot::deserialize(other.dump()).ok());
  other = root;
  other["values"]["http.port"] = {"70000", true};
  CHECK_FALSE(Snapshot::deserialize(other.dump()).ok());
  other["values"]["http.port"] = 80;
  CHECK_FALSE(Snapshot::deserialize(other.dump()).ok());
}

TEST_CASE("a refresh keeps what takes effect at a restart only") {
  const Loaded running =
      parse("pop: {port: 1110, popminpoll: 5}\npartition:fast: {path: /a}\n", "/etc/x.yaml");
  const Loaded wanted = parse(
      "pop: {port: 2110, popminpoll: 9}\npartition:fast: {path: /b}\nstore: {path: /c}\n", "/etc/x.yaml");
  REQUIRE(running.ok());
  REQUIRE(wanted.ok());
  const auto mixed = keepRestartRows(*running.snapshot, *wanted.snapshot);
  CHECK(mixed->service(Service::Pop).port == 1110);
  CHECK(mixed->get<"pop.popminpoll">() == std::chrono::seconds{9});
  CHECK(mixed->get<"store.path">() == running.snapshot->get<"store.path">());
  CHECK(mixed->group<"partition:*.path">("fast") == "/a");
}
