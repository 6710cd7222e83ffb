// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "common/config/snapshot.h"
#include "common/store/store.h"

using namespace posthorn;
using namespace posthorn::store;

namespace {

Options from(const std::string& text) {
  const auto loaded = config::parse(text, "/nonexistent/posthorn.yaml");
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return optionsFrom(*loaded.snapshot);
}

}  // namespace

TEST_CASE("what the operator decides about quota") {
  const QuotaRules usual = from("{}\n").quota;
  CHECK(usual.enforce);
  CHECK(usual.warnPercent == 90);
  CHECK(usual.grace == std::chrono::hours{120});
  CHECK_FALSE(usual.overdraft);
  CHECK_FALSE(usual.notify);
  CHECK(usual.noticeInterval == std::chrono::hours{7 * 24});
  const QuotaRules other =
      from(
          "store: {quotaenforcement: 0, quotawarn: 50, quotagraceperiod: 1h, quotaoverdraft: 1,"
          " quotanotification: 1, quotaexceededmsginterval: 2d}\n")
          .quota;
  CHECK_FALSE(other.enforce);
  CHECK(other.warnPercent == 50);
  CHECK(other.grace == std::chrono::hours{1});
  CHECK(other.overdraft);
  CHECK(other.notify);
  CHECK(other.noticeInterval == std::chrono::hours{48});
}

TEST_CASE("a status and an empty text decide for other options") {
  CHECK(from("store.overquotastatus: 1\n").quota.overdraft);
  CHECK_FALSE(from("store: {quotanotification: 1, quotaexceededmsg: \"\"}\n").quota.notify);
}
