// SPDX-License-Identifier: Apache-2.0
// sources: mshttpd/jmap/json.cc mshttpd/jmap/references.cc
// sources: mshttpd/jmap/account_id.cc mshttpd/jmap/keywords.cc

// What a JMAP request is made of: JSON within its limits comes back as it was, references to earlier
// responses copy no more than they may and leave none of their own behind, and an account has one id.

#include <algorithm>

#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/keywords.h"
#include "mshttpd/jmap/references.h"
#include "test/fuzz/require.h"

using namespace posthorn;
using namespace posthorn::mshttpd;
using jmap::Json;

namespace {

constexpr jmap::JsonLimits kLimits{.depth = 12, .values = 2000, .members = 50};
constexpr std::size_t kRoom = 20'000;

// NOLINTNEXTLINE(misc-no-recursion): as deep as the limit
void checkDepth(const Json& value, std::size_t depth) {
  fuzz::require(depth <= kLimits.depth + 1, "values are nested no deeper than they may");
  if (!value.is_structured()) return;
  fuzz::require(!value.is_object() || value.size() <= kLimits.members, "an object keeps its limit");
  for (const Json& inner : value) checkDepth(inner, depth + 1);
}

void checkWord(const std::string& word) {
  if (const auto user = jmap::userOf(word))
    fuzz::require(jmap::accountId(*user) == word, "one id an account");
  fuzz::require(jmap::userOf(jmap::accountId(word)) == word || word.empty(), "each account has its id");
  const auto flag = jmap::flagOf(word);
  if (!flag) return;
  fuzz::require(
      std::none_of(flag->begin(), flag->end(),
                   [](char c) { return c <= ' ' || c >= 0x7F || View("(){%*\"").find(c) != View::npos; }),
      "a keyword is one word of IMAP");
}

// {"responses": [[name, arguments, callId], ...], "arguments": {...}}
void checkReferences(Json& request) {
  const auto list = request.find("responses");
  const auto given = request.find("arguments");
  if (list == request.end() || !list->is_array() || given == request.end() || !given->is_object()) return;
  std::vector<jmap::Response> earlier;
  for (const Json& one : *list) {
    if (one.is_array() && one.size() == 3 && one[0].is_string() && one[2].is_string())
      earlier.push_back({one[0].get<std::string>(), one[1], one[2].get<std::string>()});
  }
  std::size_t room = kRoom;
  Json arguments = *given;
  const std::size_t before = jmap::weightOf(arguments, 1U << 30U);
  if (!jmap::resolveReferences(arguments, earlier, room).type.empty()) return;
  fuzz::require(room <= kRoom, "room is taken and not given");
  for (const auto& [name, value] : arguments.items())
    fuzz::require(name.empty() || name.front() != '#', "every reference is resolved");
  fuzz::require(jmap::weightOf(arguments, 1U << 30U) <= before + 2 * kRoom,
                "references copy within their room");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View text = fuzz::text(data, size);
  checkWord(std::string(text.substr(0, 300)));
  auto read = jmap::parseJson(text, kLimits);
  if (!read.ok()) return 0;
  checkDepth(*read, 0);
  const auto again = jmap::parseJson(jmap::printJson(*read), kLimits);
  fuzz::require(again.ok() && *again == *read, "what is printed is read alike");
  if (read->is_object()) checkReferences(*read);
  return 0;
}
