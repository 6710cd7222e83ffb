// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/references.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {
namespace {

Error nowhere(std::string_view what) {
  return makeError(Errc::NotFound, std::string(what));
}

/// RFC 6901 4: ~1 is '/', ~0 is '~'.
Result<std::vector<std::string>> tokensOf(View pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') return nowhere("a path begins with /");
  for (const char c : pointer) {
    if (c == '/') {
      tokens.emplace_back();
    } else if (!tokens.back().empty() && tokens.back().back() == '~' && (c == '0' || c == '1')) {
      tokens.back().back() = c == '0' ? '\x01' : '/';
    } else {
      tokens.back().push_back(c);
    }
  }
  for (std::string& token : tokens) {
    if (token.find('~') != std::string::npos) return nowhere("~ in a path must be ~0 or ~1");
    std::replace(token.begin(), token.end(), '\x01', '~');
  }
  return tokens;
}

using Tokens = std::vector<std::string>;

class Walk {
 public:
  Walk(const Tokens& tokens, std::size_t& room) : tokens_(tokens), room_(room) {}

  Result<Json> from(const Json& value, std::size_t depth) {
    if (depth == tokens_.size()) {
      if (++taken_ > kMostReferred) return nowhere("too many values");
      const std::size_t weight = weightOf(value, room_);
      if (weight > room_) return nowhere("too much is referred to");
      room_ -= weight;
      return value;
    }
    const std::string& token = tokens_[depth];
    if (value.is_array() && token == "*") return throughAll(value, depth);
    if (value.is_array()) return throughItem(value, token, depth);
    const auto found = value.is_object() ? value.find(token) : value.end();
    if (found == value.end()) return nowhere("there is no " + token);
    return from(*found, depth + 1);
  }

 private:
  Result<Json> throughItem(const Json& value, const std::string& token, std::size_t depth) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool number = error == std::errc() && end == token.data() + token.size() && !token.empty() &&
                        (token.size() == 1 || token.front() != '0');
    if (!number || index >= value.size()) return nowhere("there is no item " + token);
    return from(value[index], depth + 1);
  }

  Result<Json> throughAll(const Json& value, std::size_t depth) {
    Json out = Json::array();
    for (const Json& item : value) {
      PH_TRY(Json found, from(item, depth + 1));
      if (!found.is_array()) {
        out.push_back(std::move(found));
        continue;
      }
      taken_ += found.size();
      if (taken_ > kMostReferred) return nowhere("too many values");
      for (Json& inner : found) out.push_back(std::move(inner));
    }
    return out;
  }

  const Tokens& tokens_;
  std::size_t& room_;
  std::size_t taken_ = 0;
};

Result<Json> referred(const Json& reference, const std::vector<Response>& earlier, std::size_t& room) {
  const auto text = [&](const char* name) -> const std::string* {
    const Json* value = member(reference, name);
    return value != nullptr ? value->get_ptr<const std::string*>() : nullptr;
  };
  if (!reference.is_object()) return nowhere("a reference is an object");
  const std::string* resultOf = text("resultOf");
  const std::string* name = text("name");
  const std::string* path = text("path");
  if (resultOf == nullptr || name == nullptr || path == nullptr)
    return nowhere("a reference has resultOf, name and path");
  const auto found = std::find_if(earlier.begin(), earlier.end(),
                                  [&](const Response& response) { return response.callId == *resultOf; });
  if (found == earlier.end()) return nowhere("there is no earlier response to " + *resultOf);
  if (found->name != *name) return nowhere("the response to " + *resultOf + " is " + found->name);
  return follow(found->arguments, *path, room);
}

}  // namespace

Result<Json> follow(const Json& from, View pointer, std::size_t& room) {
  PH_TRY(const Tokens tokens, tokensOf(pointer));
  return Walk(tokens, room).from(from, 0);
}

Failure resolveReferences(Json& arguments, const std::vector<Response>& earlier, std::size_t& room) {
  Json out = Json::object();
  for (auto& [name, value] : arguments.items()) {
    if (name.empty() || name.front() != '#') {
      out[name] = std::move(value);
      continue;
    }
    const std::string plain = name.substr(1);
    if (arguments.contains(plain))
      return {"invalidArguments", plain + " is given both as a value and as a reference"};
    Result<Json> found = referred(value, earlier, room);
    if (!found.ok()) return {"invalidResultReference", name + ": " + found.error().text};
    out[plain] = std::move(*found);
  }
  arguments = std::move(out);
  return {};
}

}  // namespace posthorn::mshttpd::jmap
