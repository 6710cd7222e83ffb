// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {

/// Anna calls methods one at a time.
struct Reader {
  Reader() : call(fake.services, fake.anna) {
    call.use({std::string(kMail), std::string(kQuota), std::string(kPrincipals)});
    account = fake.hosts.accounts.at("anna").get();
    inbox = account->mailboxId("INBOX");
    bert = fake.hosts.accounts.at("bert").get();
  }

  /// The arguments of the response, or {"error": TYPE}. `args` is JSON's inside, accountId is added.
  Json operator()(Method method, std::string_view args, const std::string& owner = "anna") {
    const auto parsed = parseJson("{\"accountId\":\"" + accountId(owner) + "\"" + (args.empty() ? "" : ",") +
                                  std::string(args) + "}");
    INFO(args);
    REQUIRE(parsed.ok());
    Answer answer = method(call, *parsed);
    if (answer.ok()) return std::move(answer.arguments());
    return Json{{"error", answer.failure().type}, {"description", answer.failure().description}};
  }

  /// How often the back end was asked since the last time.
  std::vector<std::string> takeCalls() { return std::exchange(account->calls, {}); }

  FakeServices fake;
  Call call;
  backend::FakeAccount* account;
  backend::FakeAccount* bert;
  std::string inbox;
};

inline Json json(std::string_view text) {
  const auto parsed = parseJson(text);
  INFO(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

}  // namespace posthorn::mshttpd::jmap
