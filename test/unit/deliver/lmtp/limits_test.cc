// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tools/deliver/lmtp/shared.h"

using namespace posthorn;
using deliver::lmtp::Limits;

namespace {

Limits from(const std::string& text) {
  const auto loaded = config::parse(text, "/nonexistent/posthorn.yaml");
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return Limits::from(*loaded.snapshot);
}

}  // namespace

TEST_CASE("the limits of LMTP are the configured ones") {
  const Limits limits = from(
      "lmtp: {maxrecipients: 200, maxparallel: 3, maxhops: 30, checkdeliveredto: 0, subaddressing: \"=\","
      " clients: 10.0.0.0/8}\n");
  CHECK(limits.recipients == 200);
  CHECK(limits.parallel == 3);
  CHECK(limits.hops == 30);
  CHECK_FALSE(limits.checkDeliveredTo);
  CHECK(limits.wishes.detail == "=");
  CHECK(limits.clients.size() == 1);
}

TEST_CASE("the size that is told leaves room for the trace fields, and is never more than the store's") {
  CHECK(from("store.maxmessagesize: 1000000\n").size == 1000000 - 4096);
  CHECK(from("{store.maxmessagesize: 1000000, lmtp.maxmessagesize: 2000000}\n").size == 1000000 - 4096);
  CHECK(from("{store.maxmessagesize: 1000000, lmtp.maxmessagesize: 5000}\n").size == 5000);
}
