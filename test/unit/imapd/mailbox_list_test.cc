// SPDX-License-Identifier: Apache-2.0
#include "imapd/mailbox_list.h"

#include <random>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::imapd;

namespace {

/// RFC 3501 6.3.8 as it is written, by trying all there is.
bool naive(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] != '*' && pattern[0] != '%')
    return !name.empty() && name[0] == pattern[0] && naive(name.substr(1), pattern.substr(1));
  for (std::size_t taken = 0; taken <= name.size(); ++taken) {
    if (naive(name.substr(taken), pattern.substr(1))) return true;
    if (taken < name.size() && name[taken] == '/' && pattern[0] == '%') return false;
  }
  return false;
}

store::MailboxEntry entry(std::string name, bool exists = true, bool subscribed = false) {
  store::MailboxEntry made;
  made.name = std::move(name);
  made.exists = exists;
  made.subscribed = subscribed;
  return made;
}

std::vector<std::string> namesOf(const ListTree& tree) {
  std::vector<std::string> names;
  for (const auto& [name, node] : tree.nodes()) names.push_back(name);
  return names;
}

const ListNode& at(const ListTree& tree, const std::string& wanted) {
  for (const auto& [name, node] : tree.nodes())
    if (name == wanted) return node;
  FAIL("no node " << wanted);
  return tree.nodes().front().second;
}

}  // namespace

TEST_CASE("LIST patterns") {
  struct Row {
    const char* name;
    const char* pattern;
    bool matches;
  };
  const auto row = GENERATE(values<Row>({
      {"INBOX", "INBOX", true},
      {"INBOX", "inbox", false},
      {"INBOX", "INBO", false},
      {"INBOX", "%", true},
      {"INBOX", "*", true},
      {"a/b", "%", false},
      {"a/b", "%/%", true},
      {"a/b/c", "%/%", false},
      {"a/b/c", "*", true},
      {"a/b/c", "a/*", true},
      {"a", "a/*", false},
      {"a/b/c", "a/%", false},
      {"a/b/c", "%/c", false},
      {"a/b/c", "*/c", true},
      {"a/b/c", "*c", true},
      {"abc", "a%c", true},
      {"a/c", "a%c", false},
      {"a/c", "a*c", true},
      {"ac", "a%c", true},
      {"aXbYc", "a%b%c", true},
      {"aXbYc", "a%b%d", false},
      {"", "", true},
      {"a", "", false},
      {"", "*", true},
      {"a/b", "%*", true},
      {"a/b", "*%", true},
      {"a", "%%%%%%%%%%%%%%", true},
      {"a/b", "%%%%%%%%%%%", false},
      {"x/a/y", "%/a/%", true},
      {"x/z/a/y", "%/a/%", false},
      {"x/z/a/y", "*/a/%", true},
      {"Entw\xC3\xBCrfe", "Entw%fe", true},
  }));
  INFO(row.name << " against " << row.pattern);
  CHECK(matchesPattern(row.name, row.pattern) == row.matches);
  CHECK(naive(row.name, row.pattern) == row.matches);
}

TEST_CASE("LIST patterns match as a search through all possibilities does") {
  std::mt19937 random(7);
  const auto text = [&](std::string_view letters, std::size_t most) {
    std::string made;
    for (auto left = random() % (most + 1); left > 0; --left) made += letters[random() % letters.size()];
    return made;
  };
  for (int round = 0; round < 20'000; ++round) {
    const auto name = text("ab/", 9);
    const auto pattern = text("ab/*%", 7);
    INFO(name << " against " << pattern);
    REQUIRE(matchesPattern(name, pattern) == naive(name, pattern));
  }
}

TEST_CASE("a pattern made to take for ever does not") {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  CHECK_FALSE(matchesPattern(std::string(1000, 'a') + "b", pattern));
  CHECK(matchesPattern(std::string(1000, 'a'), pattern));
}

TEST_CASE("the tree of names has INBOX first and the levels that do not exist") {
  const std::vector<store::MailboxEntry> entries{entry("A"),
                                                 entry("INBOX"),
                                                 entry("Work/2026/Plans"),
                                                 entry("Work/Old"),
                                                 entry("gone/x", false, true),
                                                 entry("Z", true, true),
                                                 entry("Work.b", true, false)};
  const ListTree tree(entries);
  CHECK(namesOf(tree) == std::vector<std::string>{"INBOX", "A", "Work", "Work.b", "Work/2026",
                                                  "Work/2026/Plans", "Work/Old", "Z", "gone", "gone/x"});
  CHECK(at(tree, "INBOX").exists);
  CHECK_FALSE(at(tree, "INBOX").children);
  CHECK_FALSE(at(tree, "Work").exists);
  CHECK(at(tree, "Work").entry == nullptr);
  CHECK(at(tree, "Work").children);
  CHECK_FALSE(at(tree, "Work").subscribedChildren);
  CHECK(at(tree, "Work/2026").children);
  CHECK_FALSE(at(tree, "Work/2026/Plans").children);
  CHECK_FALSE(at(tree, "Work.b").children);
  // A subscription alone makes a level, and no child that exists.
  CHECK_FALSE(at(tree, "gone").children);
  CHECK(at(tree, "gone").subscribedChildren);
  CHECK_FALSE(at(tree, "gone/x").exists);
  CHECK(at(tree, "gone/x").subscribed);
  CHECK(at(tree, "Z").subscribed);
}

TEST_CASE("nothing to list") {
  CHECK(ListTree({}).nodes().empty());
}
