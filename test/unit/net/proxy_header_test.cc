// SPDX-License-Identifier: Apache-2.0
#include "common/net/proxy_header.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::net;

namespace {

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string v2(unsigned char command, unsigned char family, std::string_view block) {
  std::string header = kSignature;
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(block.size() >> 8);
  header += static_cast<char>(block.size() & 0xFF);
  return header + std::string(block);
}

const std::string kV4Block("\xC0\x00\x02\x01\xC6\x33\x64\x02\x1F\x90\x00\x6E", 12);

bool isBad(std::string_view bytes) {
  return std::holds_alternative<ProxyBad>(parseProxyHeader(bytes));
}

// Every prefix must be Incomplete until the verdict, and the verdict may not change with more bytes.
void checkSplits(const std::string& bytes) {
  const ProxyParse whole = parseProxyHeader(bytes);
  REQUIRE_FALSE(std::holds_alternative<ProxyIncomplete>(whole));
  bool decided = false;
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    const ProxyParse part = parseProxyHeader(std::string_view(bytes).substr(0, n));
    if (std::holds_alternative<ProxyIncomplete>(part)) {
      CHECK_FALSE(decided);
      continue;
    }
    decided = true;
    CHECK(part.index() == whole.index());
    if (std::holds_alternative<ProxyHeader>(whole)) CHECK((part == whole));
  }
}

}  // namespace

TEST_CASE("PROXY version 1 tells client and server") {
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.2 8080 110\r\n";
  const auto parsed = std::get<ProxyHeader>(parseProxyHeader(line + "USER x\r\n"));
  CHECK(parsed.length == line.size());
  CHECK(parsed.client->text() == "192.0.2.1:8080");
  CHECK(parsed.server.text() == "198.51.100.2:110");
  const auto v6 = std::get<ProxyHeader>(parseProxyHeader("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n"));
  CHECK(v6.client->text() == "[2001:db8::1]:1");
  const auto unknown = std::get<ProxyHeader>(parseProxyHeader("PROXY UNKNOWN whatever it says\r\n"));
  CHECK_FALSE(unknown.client);
}

TEST_CASE("PROXY version 2 tells client and server, skips TLVs, knows LOCAL") {
  const auto parsed = std::get<ProxyHeader>(parseProxyHeader(v2(0x21, 0x11, kV4Block) + "rest"));
  CHECK(parsed.length == 28);
  CHECK(parsed.client->text() == "192.0.2.1:8080");
  CHECK(parsed.server.text() == "198.51.100.2:110");
  const auto tlv =
      std::get<ProxyHeader>(parseProxyHeader(v2(0x21, 0x11, kV4Block + std::string("\x04\x00\x02zz", 5))));
  CHECK(tlv.length == 33);
  CHECK(tlv.client == parsed.client);
  const std::string v6Block =
      std::string(15, '\0') + "\x01" + std::string(15, '\0') + "\x01" + std::string("\x00\x50\x00\x6E", 4);
  CHECK(std::get<ProxyHeader>(parseProxyHeader(v2(0x21, 0x21, v6Block))).client->text() == "[::1]:80");
  CHECK_FALSE(std::get<ProxyHeader>(parseProxyHeader(v2(0x20, 0x00, ""))).client);
  CHECK_FALSE(std::get<ProxyHeader>(parseProxyHeader(v2(0x21, 0x31, std::string(216, 'u')))).client);
}

TEST_CASE("malformed PROXY headers are refused as soon as they cannot become right") {
  const std::vector<std::string> bad = {
      "GET / HTTP/1.1\r\n",
      "PROXX",
      "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
      "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n",
      "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
      "PROXY TCP4 ::1 ::1 1 2\r\n",
      "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
      "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
      "PROXY TCP4 192.0.2.1\r 192.0.2.2 1 2\r\n",
      "PROXY " + std::string(101, 'x'),
      v2(0x11, 0x11, kV4Block),
      v2(0x22, 0x11, kV4Block),
      v2(0x21, 0x41, kV4Block),
      v2(0x21, 0x13, kV4Block),
      v2(0x21, 0x11, kV4Block.substr(1)),
      v2(0x21, 0x21, kV4Block),
      v2(0x21, 0x11, std::string(2033, 'x')),
  };
  for (const std::string& header : bad) {
    INFO(header);
    CHECK(isBad(header));
    checkSplits(header);
  }
}

TEST_CASE("any split of a good PROXY header gives the same result") {
  checkSplits("PROXY TCP4 192.0.2.1 198.51.100.2 8080 110\r\n");
  checkSplits("PROXY UNKNOWN\r\n");
  checkSplits(v2(0x21, 0x11, kV4Block));
  checkSplits(v2(0x20, 0x00, ""));
  checkSplits(v2(0x21, 0x11, kV4Block + std::string(2000, '\x05')));
}
