// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::config;

namespace {

bool warns(const std::string& text, const std::string& option, const std::string& words) {
  const Loaded loaded = parse("tls: {a: {cert: a, key: b}}\n" + text, "test.yaml");
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return std::any_of(loaded.findings.begin(), loaded.findings.end(), [&](const Finding& finding) {
    return finding.severity == Severity::Warning && finding.option == option &&
           finding.text.find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("an event service that is open to others is told of") {
  const std::string far = "ens.listenaddr: 0.0.0.0\n";
  const std::string open = "ens.access: +0.0.0.0|0.0.0.0\n";
  CHECK(warns(far + open, "ens.access", "every host"));
  CHECK_FALSE(warns(open, "ens.access", "every host"));
  CHECK_FALSE(warns(far + "ens.access: +10.0.0.0|255.0.0.0\n", "ens.access", "every host"));
  CHECK(warns(far, "ens.listenaddr", "lets only this host in"));
  CHECK_FALSE(warns(far + open, "ens.listenaddr", "lets only this host in"));
  CHECK(warns("ens.publish: +0.0.0.0|0.0.0.0\n", "ens.publish", "may publish"));
  CHECK(warns(far + open + "ens.sslusessl: 0\n", "ens.listenaddr", "without TLS"));
  CHECK_FALSE(warns(far + open, "ens.listenaddr", "without TLS"));
  CHECK_FALSE(warns("ens.enable: 0\n" + far + open, "ens.access", "every host"));
}

TEST_CASE("a mistyped rule is an error with its line") {
  const Loaded loaded =
      parse("pop.port: 110\nens.access: +10.0.0.1|255.255.255.255;-10.0.0.2\n", "test.yaml");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.report().find("test.yaml:2: ") != std::string::npos);
  CHECK(loaded.report().find("rule 2 ('-10.0.0.2') has no mask") != std::string::npos);
}

TEST_CASE("an event key that could not be sent is an error") {
  for (const char* wrong : {"\"enp://host/a b\"", "http://host/store", "\"enp://host/\\u00e4\"", "\"\\t\""}) {
    const Loaded loaded =
        parse(std::string("notifytarget: {far: {enseventkey: ") + wrong + "}}\n", "test.yaml");
    INFO(wrong);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.report().find("test.yaml:1: ") != std::string::npos);
    CHECK(loaded.report().find("notifytarget:far.enseventkey") != std::string::npos);
  }
  CHECK(parse("notifytarget: {far: {enseventkey: enp://host/store/%M}}\n", "test.yaml").ok());
}

TEST_CASE("the event service listens on this host alone, for packets in the run directory") {
  const Loaded loaded = parse("server.directory: /srv/mail\n", "test.yaml");
  REQUIRE(loaded.ok());
  const ServiceConfig ens = loaded.snapshot->service(Service::Ens);
  CHECK(ens.enable);
  CHECK(ens.listenaddr == std::vector<std::string>{"127.0.0.1"});
  CHECK(ens.port == 7997);
  REQUIRE(ens.localSockets.size() == 1);
  CHECK(ens.localSockets[0].path == "/srv/mail/run/events.sock");
  CHECK(ens.localSockets[0].packets);
}
