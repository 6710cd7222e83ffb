// SPDX-License-Identifier: Apache-2.0
#include "common/config/edit.h"

#include <algorithm>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "common/base/ascii.h"
#include "common/config/snapshot.h"
#include "common/config/value.h"
#include "common/config/yaml.h"

using namespace posthorn;
using namespace posthorn::config;

namespace {

Named named(std::string_view name) {
  const auto found = resolve(name);
  REQUIRE(found.has_value());
  return *found;
}

std::string set(std::string_view text, std::string_view name, std::string_view value) {
  auto out = setInText(text, named(name), value);
  INFO(text << "\n" << (out.ok() ? "" : out.error().text));
  REQUIRE(out.ok());
  return *out;
}

std::string unset(std::string_view text, std::string_view name) {
  auto out = unsetInText(text, named(name));
  INFO(text << "\n" << (out.ok() ? "" : out.error().text));
  REQUIRE(out.ok());
  return *out;
}

constexpr std::string_view kCommented =
    "# The mail server of Siroe\n"
    "\n"
    "server.directory: /srv/mail   # a disk of its own\n"
    "imap:\n"
    "    # nobody uses 143 here\n"
    "    port: 1143 # said Anna\n"
    "\n"
    "    idletimeout: \"45\"      # phones\n"
    "    banner: 'it''s # here'\n"
    "    capability: {idle: yes, sort: no}   # flow\n"
    "  # between two sections\n"
    "pop: {port: 1110, banner: \"a, # b\", maxsessions: 50}  # small\n"
    "service.http.port: 8080\n"
    "store.admins:      # who may do all\n"
    "  - anna\n"
    "  - bob\n"
    "tls:\n"
    "  main: {cert: a.pem, key: a.key}\n"
    "  # the second one\n"
    "  web.example.com:\n"
    "    cert: b.pem\n"
    "    key: b.key   # mode 600\n"
    "http:\n"
    "# the end\n";

/// Comments that stand outside of the lines that `touched` names, in order.
std::vector<std::string> commentsOf(std::string_view text) {
  std::vector<std::string> comments;
  for (const std::string_view line : ascii::split(text, '\n')) {
    const std::string_view trimmed = ascii::trim(line);
    if (!trimmed.empty() && trimmed.front() == '#') comments.emplace_back(trimmed);
    for (const std::string_view mark : {"# a disk of its own", "# said Anna", "# phones", "# flow", "# small",
                                        "# who may do all", "# mode 600"}) {
      const std::size_t at = line.find(mark);
      if (at != std::string_view::npos && trimmed.front() != '#') comments.emplace_back(mark);
    }
  }
  return comments;
}

}  // namespace

TEST_CASE("a scalar changes in its place") {
  CHECK(set("imap:\n  port: 143  # x\n", "imap.port", "1143") == "imap:\n  port: 1143  # x\n");
  CHECK(set("imap: {port: 143, sslport: 993}\n", "imap.sslport", "9") == "imap: {port: 143, sslport: 9}\n");
  CHECK(set("service.imap.port: 143\n", "imap.port", "9") == "service.imap.port: 9\n");
  CHECK(set("pop.banner: \"a # b\"   # c\n", "pop.banner", "x # y") == "pop.banner: \"x # y\"   # c\n");
  CHECK(set("pop.banner: it's # c\n", "pop.banner", "x") == "pop.banner: x # c\n");
  CHECK(set("tls.a.cert:\ntls.a.key: k\n", "tls:a.cert", "c") == "tls.a.cert: c\ntls.a.key: k\n");
  CHECK(set("imap.port: 143", "imap.port", "9") == "imap.port: 9");
  CHECK(set("imap:\r\n  port: 143\r\n", "imap.port", "9") == "imap:\r\n  port: 9\r\n");
  CHECK(set("\"imap.port\": 143\n", "imap.port", "9") == "\"imap.port\": 9\n");
}

TEST_CASE("lists") {
  CHECK(set("store.admins: [a, b] # c\n", "store.admins", "x y") == "store.admins: [x, y] # c\n");
  CHECK(set("store.admins: a b # c\n", "store.admins", "x") == "store.admins: [x] # c\n");
  CHECK(set("store:\n  admins:\n    - a\n    - b\n  path: /x\n", "store.admins", "c") ==
        "store:\n  admins: [c]\n  path: /x\n");
  CHECK(set("store.admins: [a]\n", "store.admins", "") == "store.admins: []\n");
  CHECK(set("", "base.listenaddr", "127.0.0.1 ::1") == "base:\n  listenaddr: [127.0.0.1, \"::1\"]\n");
}

TEST_CASE("a new option goes to the end of its section") {
  CHECK(set("imap:\n  port: 1 # x\n\npop:\n  port: 2\n", "imap.sslport", "9") ==
        "imap:\n  port: 1 # x\n  sslport: 9\n\npop:\n  port: 2\n");
  CHECK(set("imap: {}\n", "imap.port", "9") == "imap: {port: 9}\n");
  CHECK(set("imap: {sslport: 1}\n", "imap.port", "9") == "imap: {port: 9, sslport: 1}\n");
  CHECK(set("imap: # nothing yet\npop.port: 1\n", "imap.port", "9") ==
        "imap: # nothing yet\n  port: 9\npop.port: 1\n");
  CHECK(set("# only this", "imap.port", "9") == "# only this\nimap:\n  port: 9\n");
  CHECK(set("", "tls:main.cert", "a.pem") == "tls:\n  main:\n    cert: a.pem\n");
  CHECK(set("tls:\n  main:\n    cert: a\n", "tls:main.key", "b") ==
        "tls:\n  main:\n    cert: a\n    key: b\n");
  CHECK(set("imap:\n  capability:\n    idle: no\n", "imap.capability.sort", "0") ==
        "imap:\n  capability:\n    idle: no\n    sort: 0\n");
  CHECK(set("{imap.port: 1}\n", "pop.port", "9") == "{pop.port: 9, imap.port: 1}\n");
  CHECK(set("imap:\n  banner: |-\n    block\n", "imap.port", "9") ==
        "imap:\n  port: 9\n  banner: |-\n    block\n");
}

TEST_CASE("an option is taken out") {
  CHECK(unset("imap:\n  # about\n  port: 1 # x\n  sslport: 2\n", "imap.port") ==
        "imap:\n  # about\n  sslport: 2\n");
  CHECK(unset("imap:\n  port: 1\npop.port: 2\n", "imap.port") == "imap:\npop.port: 2\n");
  CHECK(unset("imap: {port: 1, sslport: 2}\n", "imap.port") == "imap: {sslport: 2}\n");
  CHECK(unset("imap: {port: 1, sslport: 2}\n", "imap.sslport") == "imap: {port: 1}\n");
  CHECK(unset("imap: {port: 1}\n", "imap.port") == "imap: {}\n");
  CHECK(unset("store.admins:\n- a\n- b\npop.port: 1\n", "store.admins") == "pop.port: 1\n");
  CHECK(unset("imap.port: 1", "imap.port").empty());
  auto missing = unsetInText("imap.port: 1\n", named("pop.port"));
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::NotFound);
}

TEST_CASE("what cannot be done safely is refused") {
  const auto refused = [](std::string_view text, std::string_view name, std::string_view value) {
    auto out = setInText(text, named(name), value);
    return !out.ok() && out.error().code == Errc::Unsupported;
  };
  CHECK(refused("imap.banner: |-\n  block\n", "imap.banner", "x"));
  CHECK(refused("imap.banner: plain text\n  over two lines\n", "imap.banner", "x"));
  CHECK(refused("store.admins:\n- a # first\n- b\n", "store.admins", "x"));
  CHECK(refused("store.admins: [a, # first\n b]\n", "store.admins", "x"));
  CHECK_FALSE(setInText("imap.port: [\n", named("imap.port"), "1").ok());
  CHECK_FALSE(setInText("imap.port: 1\n", named("imap.port"), "70000").ok());
  CHECK_FALSE(setInText("imap.port: 1\nimap.port: 2\n", named("imap.port"), "3").ok());
}

TEST_CASE("every text reads back as itself when it is quoted") {
  std::mt19937 random(7);  // NOLINT: the same texts every time
  const std::string_view alphabet = "ab:#'\"\\,[]{}&*!|>%@` -?~=yn0.1é";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::size_t length = random() % 9;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[random() % (alphabet.size() - 3)];
    for (const bool flow : {false, true}) {
      const std::string line =
          flow ? "{k: " + yaml::quote(text, true) + ", l: m}\n" : "k: " + yaml::quote(text, false) + " # c\n";
      const yaml::Tree tree = yaml::parse(line);
      INFO(line);
      REQUIRE(tree.findings.empty());
      REQUIRE(tree.root.entries.size() == (flow ? 2U : 1U));
      REQUIRE(tree.root.entries[0].value.kind == yaml::Kind::Scalar);
      REQUIRE(tree.root.entries[0].value.text == text);
    }
  }
}

TEST_CASE("random edits of a commented file keep all comments and all other options") {
  struct Choice {
    const char* name;
    std::vector<const char*> values;
  };
  const std::vector<Choice> choices{
      {"imap.port", {"143", "1143", "2143"}},
      {"service.imap.sslport", {"993", "9993"}},
      {"imap.idletimeout", {"30", "45m", "1h"}},
      {"imap.banner",
       {"plain", "with # hash", "it's \"quoted\"", "a: b", "- x", "", "[x]", "{y}", "%h", "!"}},
      {"imap.capability.idle", {"yes", "off"}},
      {"imap.capability.thread", {"no"}},
      {"pop.banner", {"a, b", "x}", "y # z", "'"}},
      {"pop.maxsessions", {"1", "77"}},
      {"pop.popminpoll", {"5", "1h"}},
      {"http.port", {"80", "8990"}},
      {"http.smtphost", {"a b", "mail.example.com:25"}},
      {"store.admins", {"anna", "anna, carl", ""}},
      {"store.path", {"/x", "relative path"}},
      {"tls:main.cert", {"c.pem"}},
      {"tls:web.example.com.key", {"k.pem", "l.pem"}},
      {"tls:third.cert", {"t.pem"}},
      {"base.hostname", {"mx.example.com"}},
      {"partition:second.path", {"/s"}},
      {"log.level", {"Debug", "Notice"}},
  };
  std::mt19937 random(42);  // NOLINT: the same edits every time
  for (int round = 0; round < 60; ++round) {
    std::string text(kCommented);
    std::vector<std::string> before = commentsOf(text);
    std::map<std::string, std::string> expected;
    for (int step = 0; step < 25; ++step) {
      const Choice& choice = choices[random() % choices.size()];
      const Named option = named(choice.name);
      if (random() % 4 == 0) {
        auto out = unsetInText(text, option);
        if (!out.ok()) {
          REQUIRE(out.error().code == Errc::NotFound);
          continue;
        }
        text = *out;
        before = commentsOf(text);  // a comment on the line of what was removed goes with it
        expected[option.canonical()] = "(unset)";
        continue;
      }
      const std::string value = choice.values[random() % choice.values.size()];
      text = set(text, choice.name, value);
      expected[option.canonical()] = value;
      INFO(text);
      REQUIRE(commentsOf(text) == before);
    }
    for (const std::string_view kept : {"# The mail server of Siroe", "# nobody uses 143 here",
                                        "# between two sections", "# the second one", "# the end"}) {
      INFO(text);
      REQUIRE(text.find(kept) != std::string::npos);
    }
    const Loaded loaded = parse(text, "/x");
    for (const Finding& finding : loaded.findings) {
      INFO(text << finding.describe("x"));
      REQUIRE((finding.severity != Severity::Error ||
               finding.text.find("there is no option") == std::string::npos));
    }
    for (const auto& [name, value] : expected) {
      const yaml::Tree tree = yaml::parse(text);
      auto again = unsetInText(text, named(name));
      INFO(text << name);
      REQUIRE(again.ok() == (value != "(unset)"));
      if (value == "(unset)") continue;
      REQUIRE(setInText(text, named(name), value).ok());
      REQUIRE(*setInText(text, named(name), value) == text);  // it says already what was set last
    }
  }
}

TEST_CASE("comments behind options") {
  const auto comment = [](std::string_view text, std::string_view name, std::string_view words) {
    const auto out = commentInText(text, named(name), words);
    return out.ok() ? *out : std::string(toString(out.error().code));
  };
  CHECK(comment("imap.port: 1\n", "imap.port", "why") == "imap.port: 1  # why\n");
  CHECK(comment("imap.port: 1", "imap.port", "why") == "imap.port: 1  # why");
  CHECK(comment("imap:\r\n  port: 1  \r\n", "imap.port", "w") == "imap:\r\n  port: 1  # w\r\n");
  CHECK(comment("imap.port: 1 # old # more\n", "imap.port", "new") == "imap.port: 1 # new\n");
  CHECK(comment("imap.port: 1 # old\n", "imap.port", "") == "imap.port: 1\n");
  CHECK(comment("pop.banner: \"a # b\"\n", "pop.banner", "c") == "pop.banner: \"a # b\"  # c\n");
  CHECK(comment("pop.banner: a#b\n", "pop.banner", "c") == "pop.banner: a#b  # c\n");
  CHECK(comment("pop.banner: 'it''s'\n", "pop.banner", "c") == "pop.banner: 'it''s'  # c\n");
  CHECK(comment("store.admins:\n  - a # who\n  - b\n", "store.admins", "c") ==
        "store.admins:  # c\n  - a # who\n  - b\n");
  CHECK(comment("store.admins: [a,\n  b]\n", "store.admins", "c") == "store.admins: [a,\n  b]  # c\n");
  CHECK(comment("imap.port: 1\n", "imap.port", "\xC3\xA4: {[ 'x\" \\") ==
        "imap.port: 1  # \xC3\xA4: {[ 'x\" \\\n");
  CHECK(comment("imap: {port: 1}\n", "imap.port", "c") == "unsupported");
  CHECK(comment("pop.banner: |\n  a\n", "pop.banner", "c") == "unsupported");
  CHECK(comment("pop.banner: a\n  b\n", "pop.banner", "c") == "unsupported");
  CHECK(comment("imap.port: 1\n", "pop.port", "c") == "not-found");
  CHECK(comment("imap.port: 1\n", "imap.port", "two\nlines") == "invalid");
  CHECK(comment("imap.port: 1\n", "imap.port", "\xFF") == "invalid");
  CHECK(comment("imap.port: 1\n", "imap.port", std::string(501, 'x')) == "invalid");
  CHECK(commentOf("imap:\n  port: 1 #  why \n", named("imap.port")) == "why");
  CHECK(commentOf("imap:\n  port: 1\n", named("imap.port")).empty());
  CHECK(commentOf("pop.banner: \"a # b\"\n", named("pop.banner")).empty());
}
