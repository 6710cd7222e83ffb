// SPDX-License-Identifier: Apache-2.0
#include "common/config/value.h"

#include <limits>

#include <catch2/catch.hpp>

#include "common/config/item.h"
#include "common/config/network.h"
#include "common/config/text.h"
#include "common/config/well_formed.h"

using namespace posthorn;
using namespace posthorn::config;

namespace {

const Option& option(std::string_view name) {
  REQUIRE(findRow(name) != kNoRow);
  return kOptions[findRow(name)];
}

std::string error(std::string_view name, std::string_view text) {
  auto value = parseValue(option(name), text);
  return value.ok() ? "" : value.error().text;
}

std::int64_t seconds(std::string_view name, std::string_view text) {
  auto value = parseValue(option(name), text);
  REQUIRE(value.ok());
  return std::get<std::chrono::seconds>(*value).count();
}

constexpr Option kGood{
    .name = "a.b", .type = Type::Int, .fallback = "3", .limits = {1, 5}, .help = "A number."};
constexpr Option withFallback(std::string_view text) {
  Option row = kGood;
  row.fallback = text;
  return row;
}
constexpr Option withHelp(std::string_view text) {
  Option row = kGood;
  row.help = text;
  return row;
}
constexpr Option withNames(std::string_view name, std::string_view legacy) {
  Option row = kGood;
  row.name = name;
  row.legacy = legacy;
  return row;
}

}  // namespace

// The compiler is the test: what wellFormed must take and must refuse.
static_assert(wellFormed(std::to_array({kGood})));
static_assert(!wellFormed(std::to_array({withFallback("6")})), "a default beyond its limits");
static_assert(!wellFormed(std::to_array({withFallback("x")})), "a default of another type");
static_assert(!wellFormed(std::to_array({withHelp("")})), "no help");
static_assert(!wellFormed(std::to_array({withHelp("Two. Sentences.")})), "two sentences");
static_assert(!wellFormed(std::to_array({withHelp("no capital.")})), "no capital");
static_assert(!wellFormed(std::to_array({kGood, kGood})), "a name twice");
static_assert(!wellFormed(std::to_array({withNames("a.b", "o"), withNames("a.c", "o")})),
              "an old name twice");
static_assert(!wellFormed(std::to_array({withNames("a.b", "a.c"), withNames("a.c", "")})),
              "an old name that is new");
static_assert(!wellFormed(std::to_array({withNames("a:*.b", "old.b")})),
              "a group's old name without its place");
static_assert(!wellFormed(std::to_array({withNames("nodot", "")})), "no section");

TEST_CASE("switches have four spellings and any number") {
  for (const char* text : {"yes", "on", "true", "1", "-1", "7", "YES", "True"})
    CHECK(parseBool(text) == true);
  for (const char* text : {"no", "off", "false", "0", "-0", "No", "00"}) CHECK(parseBool(text) == false);
  for (const char* text : {"", "y", "maybe", "1x", "1.0", "yes "}) CHECK_FALSE(parseBool(text).has_value());
}

TEST_CASE("numbers keep to their limits") {
  CHECK(parseInt("-12") == -12);
  CHECK(parseInt("+5") == 5);
  CHECK(parseInt("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "-", "1 ", "0x10", "9223372036854775808", "1e3"})
    CHECK_FALSE(parseInt(text).has_value());
  CHECK(error("pop.port", "110").empty());
  CHECK(error("pop.port", "65536") == "'65536' is not a number from 1 to 65535");
  CHECK(error("pop.port", "0") == "'0' is not a number from 1 to 65535");
  CHECK(error("pop.plaintextmincipher", "-1").empty());
  CHECK_FALSE(error("pop.plaintextmincipher", "-2").empty());
}

TEST_CASE("times have the unit of their row and units of their own") {
  CHECK(seconds("imap.idletimeout", "30") == 1800);
  CHECK(seconds("imap.idletimeout", "30m") == 1800);
  CHECK(seconds("imap.idletimeout", "1800s") == 1800);
  CHECK(seconds("imap.idletimeout", "1h30m") == 5400);
  CHECK(seconds("http.sessiontimeout", "7200") == 7200);
  CHECK(seconds("http.sessiontimeout", "2H") == 7200);
  CHECK(seconds("base.draintimeout", "1w") == 604800);
  for (const char* text :
       {"", "-30", "30x", "m", "1h30", "1.5h", "99999999999999999999", "30 m", "9223372036854775807w"}) {
    INFO(text);
    CHECK_FALSE(error("imap.idletimeout", text).empty());
  }
}

TEST_CASE("idle times of the manuals can be raised, never lowered") {
  CHECK(seconds("pop.idletimeout", "10") == 600);
  CHECK(seconds("pop.idletimeout", "11") == 660);
  CHECK(error("pop.idletimeout", "9") == "'9' is not a time from 10m to 30d (minutes, or with s, m, h, d)");
  CHECK_FALSE(error("pop.idletimeout", "599s").empty());
  CHECK_FALSE(error("imap.idletimeout", "29").empty());
  CHECK_FALSE(error("http.idletimeout", "2").empty());
  CHECK(error("http.idletimeout", "3").empty());
}

TEST_CASE("sizes") {
  CHECK(parseSize("5242880") == 5242880);
  CHECK(parseSize("5M") == 5242880);
  CHECK(parseSize("5MiB") == 5242880);
  CHECK(parseSize("64kB") == 65536);
  CHECK(parseSize("1g") == 1073741824);
  CHECK(parseSize("-1") == -1);
  for (const char* text : {"", "M", "5X", "5 M", "5MM", "99999999999T"})
    CHECK_FALSE(parseSize(text).has_value());
  CHECK(spellSize(5242880) == "5M");
  CHECK(spellSize(65536) == "64k");
  CHECK(spellSize(1000) == "1000");
  CHECK(spellSize(-1) == "-1");
}

TEST_CASE("texts are one line of UTF-8 and have their form") {
  CHECK(error("pop.banner", "hello %h").empty());
  CHECK(error("pop.banner", "").empty());
  CHECK(error("pop.banner", "a\r\n+OK forged").find("control character") != std::string::npos);
  CHECK(error("pop.banner", "a\nb").find("control character") != std::string::npos);
  CHECK(error("pop.banner", std::string(401, 'x')).find("0 to 400 characters") != std::string::npos);
  CHECK(error("base.defaultdomain", "a\xff.de").find("UTF-8") != std::string::npos);
  CHECK(error("base.defaultdomain", "example..com").find("domain name") != std::string::npos);
  CHECK_FALSE(error("server.user", "root; rm").empty());
  CHECK_FALSE(error("base.loginseparator", "").empty());
  CHECK(error("auth.directory", "FILE").empty());
  CHECK(error("auth.directory", "nis") == "'nis' is not one of file, ldap");
}

TEST_CASE("what is wrong with a secret never shows it") {
  CHECK(error("base.proxyadminpass", "geheim\n").find("geheim") == std::string::npos);
  CHECK(error("base.proxyadminpass", std::string(5000, 'g')).find("ggg") == std::string::npos);
}

TEST_CASE("lists are split and judged item by item") {
  auto list = [](std::string_view name, std::string_view text) {
    auto value = parseValue(option(name), text);
    REQUIRE(value.ok());
    return std::get<std::vector<std::string>>(*value);
  };
  CHECK(list("store.admins", "anna, bob  carl") == std::vector<std::string>{"anna", "bob", "carl"});
  CHECK(list("store.admins", "").empty());
  CHECK(list("pop.domainallowed", "ALL: .siroe.com EXCEPT a, b$pop: ALL") ==
        std::vector<std::string>{"ALL: .siroe.com EXCEPT a, b", "pop: ALL"});
  CHECK(list("auth.mech_list", "plain login") == std::vector<std::string>{"PLAIN", "LOGIN"});
  CHECK(error("base.listenaddr", "127.0.0.1 ::1").empty());
  CHECK(error("base.listenaddr", "127.0.0.1 localhost").find("'localhost' is not") == 0);
  CHECK_FALSE(error("base.listenaddr", "").empty());
  CHECK_FALSE(error("auth.mech_list", "SCRAM-SHA-1").empty());
  CHECK_FALSE(parseValue(option("pop.port"), std::vector<std::string>{"110"}).ok());
  CHECK_FALSE(parseValue(option("store.admins"), std::vector<std::string>{"a", ""}).ok());
}

TEST_CASE("forms of texts") {
  CHECK(fits(Item::HostPort, "mail.example.com"));
  CHECK(fits(Item::HostPort, "mail.example.com:25"));
  CHECK(fits(Item::HostPort, "[2001:db8::1]:25"));
  CHECK(fits(Item::HostPort, "2001:db8::1"));
  CHECK_FALSE(fits(Item::HostPort, "mail:0"));
  CHECK_FALSE(fits(Item::HostPort, "mail:99999"));
  CHECK_FALSE(fits(Item::Host, "-x.example.com"));
  CHECK_FALSE(fits(Item::Host, "a b"));
  CHECK_FALSE(fits(Item::Host, std::string(64, 'a') + ".com"));
  CHECK(fits(Item::Expire, "never"));
  CHECK(fits(Item::Expire, "30 USER"));
  CHECK_FALSE(fits(Item::Expire, "soon"));
  CHECK_FALSE(fits(Item::Expire, "30 USER x"));
  CHECK(fits(Item::Folder, "Sent=\\Sent"));
  CHECK(fits(Item::Folder, "Archive"));
  CHECK_FALSE(fits(Item::Folder, "Sent=\\Nonsense"));
  CHECK_FALSE(fits(Item::Folder, "=\\Sent"));
}

TEST_CASE("networks and limits of connections") {
  const auto in = [](std::string_view network, std::string_view address) {
    const auto n = parseNetwork(network);
    const auto a = parseAddress(address);
    REQUIRE(n.has_value());
    REQUIRE(a.has_value());
    return n->contains(*a);
  };
  CHECK(in("10.0.0.0/8", "10.255.3.4"));
  CHECK_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  CHECK(in("10.1.2.3/31", "10.1.2.2"));
  CHECK_FALSE(in("10.1.2.3/31", "10.1.2.4"));
  CHECK(in("10.0.0.0|255.0.0.0", "10.9.9.9"));
  CHECK(in("127.0.0.1", "127.0.0.1"));
  CHECK(in("127.0.0.1", "::ffff:127.0.0.1"));
  CHECK(in("0.0.0.0/0", "192.0.2.1"));
  CHECK_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  CHECK(in("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(in("::/0", "192.0.2.1"));
  for (const char* text :
       {"", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0|255.0.255.0", "::|ffff::", "x", "10/8"}) {
    CHECK_FALSE(parseNetwork(text).has_value());
  }
  const auto all = parseConnLimit("0.0.0.0|0.0.0.0:20");
  REQUIRE(all.has_value());
  CHECK(all->most == 20);
  CHECK(all->network.prefix == 96);
  CHECK(parseConnLimit("[2001:db8::]/32:5").has_value());
  CHECK(parseConnLimit("2001:db8::/32:5").has_value());
  for (const char* text :
       {"10.0.0.0/8", "10.0.0.0/8:0", "2001:db8::1:5", ":5", "10.0.0.0/8:9999999", "10.0.0.0/8:-1"}) {
    INFO(text);
    CHECK_FALSE(parseConnLimit(text).has_value());
  }
}

TEST_CASE("every default reads back as itself") {
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    INFO(kOptions[row].name);
    auto value = parseValue(kOptions[row], kOptions[row].fallback);
    REQUIRE(value.ok());
    CHECK(*value == fallbackOf(row));
    auto again = parseValue(kOptions[row], spell(kOptions[row], *value));
    REQUIRE(again.ok());
    CHECK(*again == *value);
  }
}
