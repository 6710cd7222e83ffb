// SPDX-License-Identifier: Apache-2.0
#include "common/auth/service_access.h"

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

using config::Service;

bool allows(std::string_view value, Service service, bool tls = false) {
  return ServiceAccess::parse(value)->allows(service, tls);
}

TEST_CASE("the manuals' examples") {
  CHECK(allows("+imap,pop,http:*", Service::Pop));
  CHECK(allows("+imap:ALL$+pop:ALL$+http:ALL", Service::Http));
  CHECK_FALSE(allows("-imap:*$-pop:*$-http:*", Service::Imap));
  // One allowing rule shuts every other service.
  CHECK_FALSE(allows("+pop:*", Service::Imap));
  CHECK(allows("-pop:*", Service::Imap));
  // With both kinds, what no rule names is allowed; allowing rules win.
  CHECK(allows("+pop:*$-http:*", Service::Imap));
  CHECK(allows("-pop:*$+pop:*", Service::Pop));
  CHECK_FALSE(allows("-ALL:ALL", Service::Pop));
  CHECK(allows("+*:*", Service::Pop));
}

TEST_CASE("a connection over TLS is both pop and pops") {
  CHECK(allows("+pop:*", Service::Pop, true));
  CHECK(allows("+pops:*", Service::Pop, true));
  CHECK_FALSE(allows("+pops,imaps:*", Service::Pop, false));
  CHECK_FALSE(allows("-pop:*", Service::Pop, true));
  CHECK(allows("+https:*", Service::Http, true));
  CHECK_FALSE(allows("+*:*", Service::Lmtp));
}

TEST_CASE("what is not understood is an error") {
  for (const char* bad : {"", "pop", "pop:*", "+pop", "+pop:", "+:*", "+pop:*$", "+pop:192.0.2.1", "+foo:*",
                          "-ALL:ALL EXCEPT server1.sesta.com", "+pop EXCEPT imap:*", "+pop,:*", "$"})
    CHECK_FALSE(ServiceAccess::parse(bad).ok());
  CHECK_FALSE(ServiceAccess::parse(std::string(5000, ' ')).ok());
}

TEST_CASE("lists of names become rules") {
  CHECK(*accessForServices({"pop", "IMAP"}) == "+pop,imap:*");
  CHECK(*accessForServices({}) == "-*:*");
  CHECK_FALSE(accessForServices({"gopher"}).ok());
}

TEST_CASE("the user's value decides over the domain's") {
  Account account;
  CHECK(judgeAccess(account, Service::Pop, false) == Access::Allowed);
  account.domainServices = "-pop:*";
  CHECK(judgeAccess(account, Service::Pop, false) == Access::Denied);
  account.userServices = "+pop:*";
  CHECK(judgeAccess(account, Service::Pop, false) == Access::Allowed);
  account.userServices = "+pop:somewhere";
  CHECK(judgeAccess(account, Service::Pop, false) == Access::NotUnderstood);
}

}  // namespace
}  // namespace posthorn::auth
