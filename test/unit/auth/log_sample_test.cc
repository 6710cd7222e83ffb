// SPDX-License-Identifier: Apache-2.0

// Refused logins as they are really logged. Hidden: test/system/auth/fail2ban_test.py runs it and reads
// stderr.

#include <catch2/catch.hpp>

#include "common/auth/authenticator.h"
#include "common/log/logger.h"
#include "test/unit/auth/support.h"

namespace posthorn::auth {
namespace {

void sample(log::Format format) {
  log::Settings logging;
  logging.process = "popd";
  logging.format = format;
  REQUIRE(log::configure(logging).ok());
  ManualClock clock;
  Settings settings;
  auto directory = std::make_unique<test::FakeDirectory>();
  directory->add("anna", "secret");
  directory->add("gone", "secret").status.mailUser = AccountStatus::Inactive;
  Authenticator authenticator(settings, std::move(directory), clock);
  const auto attempt = [&](const char* address, const std::string& login, const std::string& password) {
    Attempt a;
    a.address = address;
    a.login = login;
    a.mechanism = "PLAIN";
    a.password = Secret(password);
    static_cast<void>(authenticator.login(a));
  };
  attempt("192.0.2.1", "anna", "wrong");
  attempt("2001:db8::1", "nobody", "wrong");
  attempt("192.0.2.2", "an na", "");
  attempt("192.0.2.3", "x\" reason=bad-password addr=203.0.113.1 user=\"\n[203.0.113.1]", "wrong");
  // These must not count.
  attempt("198.51.100.1", "gone", "secret");
  attempt("198.51.100.2", "anna", "secret");
}

TEST_CASE("samples of refused logins", "[.log-sample]") {
  sample(log::Format::KeyValue);
  sample(log::Format::Classic);
  sample(log::Format::Json);
}

}  // namespace
}  // namespace posthorn::auth
