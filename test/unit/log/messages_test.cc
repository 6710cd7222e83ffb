// SPDX-License-Identifier: Apache-2.0

// Reads the catalogues as text: every `Message kName{...}` of the tree has an id of its own, a category that
// the manuals know, and a sentence. Reading the source needs no list that somebody could forget to extend.

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>

#include "common/base/ascii.h"

namespace {

namespace fs = std::filesystem;

std::string fileText(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

fs::path root() {
  return fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
}

struct Entry {
  std::string file;
  std::string name;
  std::vector<std::string> texts;  ///< adjacent literals joined
};

/// The string literals between the braces that begin at `at`.
std::vector<std::string> literals(const std::string& text, std::size_t at) {
  std::vector<std::string> found;
  bool comma = true;
  for (std::size_t i = at + 1; i < text.size() && text[i] != '}'; ++i) {
    if (text[i] == ',') comma = true;
    if (text[i] != '"') continue;
    std::string literal;
    for (++i; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\') ++i;
      literal += text[i];
    }
    if (comma || found.empty()) {
      found.push_back(literal);
    } else {
      found.back() += literal;
    }
    comma = false;
  }
  return found;
}

bool isNameCharacter(char c) {
  return posthorn::ascii::isAlpha(c) || posthorn::ascii::isDigit(c);
}

/// Every "Message kName{" of a file, with or without a namespace before it. (No std::regex: g++ 12 warns
/// inside of it when it instruments the code.)
void collect(const fs::path& file, std::vector<Entry>& entries) {
  constexpr std::string_view kStart = "Message k";
  const std::string text = fileText(file);
  for (std::size_t at = text.find(kStart); at != std::string::npos; at = text.find(kStart, at + 1)) {
    if (at > 0 && isNameCharacter(text[at - 1])) continue;
    const std::size_t name = at + kStart.size() - 1;
    std::size_t end = name;
    while (end < text.size() && isNameCharacter(text[end])) ++end;
    const std::size_t open = text.find_first_not_of(" \n", end);
    if (open == std::string::npos || text[open] != '{') continue;
    entries.push_back({file.string(), text.substr(name, end - name), literals(text, open)});
  }
}

/// Lower-case words with hyphens between them.
bool isId(std::string_view id) {
  for (const std::string_view word : posthorn::ascii::split(id, '-')) {
    if (word.empty()) return false;
    for (const char c : word) {
      if (!isNameCharacter(c) || c != posthorn::ascii::lower(c)) return false;
    }
  }
  return true;
}

std::vector<Entry> catalogue() {
  std::vector<Entry> entries;
  for (const char* folder : {"common", "master", "popd", "imapd", "mshttpd", "tools"}) {
    if (!fs::exists(root() / folder)) continue;
    for (const auto& file : fs::recursive_directory_iterator(root() / folder)) {
      const std::string extension = file.path().extension().string();
      if (extension == ".h" || extension == ".cc") collect(file.path(), entries);
    }
  }
  return entries;
}

}  // namespace

TEST_CASE("every message has an id that means one thing, and says something") {
  const std::set<std::string> categories{"General",  "LDAP",  "Network", "Account",
                                         "Protocol", "Stats", "Store"};
  std::map<std::string, const Entry*> byId;
  const auto entries = catalogue();
  REQUIRE(entries.size() >= 3);
  for (const Entry& entry : entries) {
    INFO(entry.file << " " << entry.name);
    REQUIRE(entry.texts.size() >= 4);  // id, category, text, action
    CHECK(isId(entry.texts[0]));
    CHECK(categories.count(entry.texts[1]) == 1);
    CHECK(entry.texts[2].size() > 3);
    CHECK(entry.texts[2].find('\n') == std::string::npos);
    // Two services may log the same event, in the same words; anything else needs an id of its own.
    const auto [first, isNew] = byId.emplace(entry.texts[0], &entry);
    INFO("the same id: " << first->second->file << " " << first->second->name);
    CHECK(
        (isNew || (entry.texts[1] == first->second->texts[1] && entry.texts[2] == first->second->texts[2])));
  }
}
