// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/forwarded.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mshttpd::http;

namespace {

const std::vector<net::Network> kTrusted{*config::parseNetwork("127.0.0.1"),
                                         *config::parseNetwork("10.1.0.0/16")};

Sender senderFrom(const char* peer, const std::map<std::string, std::string>& headers, bool tls = false) {
  Head head;
  head.headers = headers;
  return senderOf(head, {*net::Address::parse(peer), 4711}, tls, kTrusted);
}

std::string clientOf(const char* path) {
  return senderFrom("127.0.0.1", {{"x-forwarded-for", path}}).client.text();
}

}  // namespace

TEST_CASE("a proxy of ours names the client", "[http]") {
  CHECK(clientOf("192.0.2.7") == "192.0.2.7:0");
  CHECK(clientOf(" 192.0.2.7 ") == "192.0.2.7:0");
  CHECK(clientOf("192.0.2.7:55") == "192.0.2.7:0");
  CHECK(clientOf("2001:db8::7") == "[2001:db8::7]:0");
  CHECK(clientOf("[2001:db8::7]:55") == "[2001:db8::7]:0");
  CHECK(senderFrom("127.0.0.1", {{"x-forwarded-for", "192.0.2.7"}}).forwarded);
}

TEST_CASE("what the client itself claims to have come by is not believed", "[http]") {
  CHECK(clientOf("203.0.113.1, 192.0.2.7") == "192.0.2.7:0");
  CHECK(clientOf("203.0.113.1, 192.0.2.7, 10.1.2.3") == "192.0.2.7:0");
  CHECK(clientOf("10.1.9.9, 10.1.2.3") == "10.1.9.9:0");
  CHECK(clientOf("unknown, 10.1.2.3") == "10.1.2.3:0");
}

TEST_CASE("what is no address changes nothing", "[http]") {
  for (const char* path : {"", ",", "unknown", "192.0.2.7,", "[2001:db8::7", "a:b", "192.0.2.700"})
    CHECK(clientOf(path) == "127.0.0.1:4711");
}

TEST_CASE("others are not believed", "[http]") {
  const std::map<std::string, std::string> said{{"x-forwarded-for", "192.0.2.7"},
                                                {"x-forwarded-proto", "https"}};
  const Sender sender = senderFrom("198.51.100.1", said);
  CHECK(sender.client.text() == "198.51.100.1:4711");
  CHECK_FALSE(sender.secure);
  CHECK_FALSE(sender.forwarded);
  CHECK(senderFrom("198.51.100.1", {{"x-forwarded-proto", "http"}}, true).secure);
}

TEST_CASE("a proxy of ours says whether the client speaks TLS", "[http]") {
  const auto proto = [](const char* said, bool tls) {
    return senderFrom("10.1.2.3", {{"x-forwarded-proto", said}}, tls).secure;
  };
  CHECK(proto("https", false));
  CHECK(proto("HTTPS", false));
  CHECK(proto("http, https", false));
  CHECK_FALSE(proto("https, http", false));
  // The proxy's own TLS is not the client's.
  CHECK_FALSE(proto("http", true));
  CHECK(senderFrom("10.1.2.3", {}, true).secure);
  CHECK_FALSE(senderFrom("10.1.2.3", {}, false).secure);
}
