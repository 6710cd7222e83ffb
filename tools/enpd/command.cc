// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/command.h"

#include <algorithm>
#include <array>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/utf8.h"

namespace posthorn::enpd {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"SUBSCRIBE", "UNSUBSCRIBE", "PUBLISH",  "RELAY",
                                                    "PING",      "NOOP",        "STARTTLS", "QUIT"};
constexpr std::size_t kMaxPingText = 200;

Error bad(std::string_view why) {
  return makeError(Errc::Invalid, std::string(why));
}

Status takeOption(std::string_view word, events::EventMask& types, bool& typed, Form& form) {
  const std::size_t sign = word.find('=');
  const std::string_view name = word.substr(0, sign);
  const std::string_view value = sign == std::string_view::npos ? "" : word.substr(sign + 1);
  if (ascii::equal(name, "types")) {
    PH_TRY(types, parseTypes(value));
    typed = true;
  } else if (ascii::equal(name, "form")) {
    if (!ascii::equal(value, "json") && !ascii::equal(value, "text")) return bad("form is json or text");
    form = ascii::equal(value, "text") ? Form::Text : Form::Json;
  } else {
    return bad("what is no enp:// reference is types=... or form=...");
  }
  return okStatus();
}

Status parseSubscribe(const std::vector<std::string_view>& words, Command& command) {
  events::EventMask types = kUsualEvents;
  bool typed = false;
  Form form = Form::Json;
  std::size_t at = 0;
  for (; at < words.size() && !ascii::startsWith(words[at], "enp:"); ++at)
    PH_CHECK(takeOption(words[at], types, typed, form));
  if (at == words.size()) return bad("SUBSCRIBE needs an event reference, like enp://127.0.0.1/store/%M");
  for (; at < words.size(); ++at) {
    PH_TRY(Wish wish, parseWish(words[at]));
    if (typed) wish.types = wish.types == kUsualEvents ? types : wish.types & types;
    wish.form = form;
    command.wishes.push_back(std::move(wish));
  }
  return okStatus();
}

Status parseUnsubscribe(const std::vector<std::string_view>& words, Command& command) {
  if (words.size() == 1 && words[0] == "*") {
    command.all = true;
    return okStatus();
  }
  if (words.empty()) return bad("UNSUBSCRIBE needs an event reference, or * for all");
  for (const std::string_view word : words) {
    PH_TRY(Wish wish, parseWish(word));
    command.wishes.push_back(std::move(wish));
  }
  return okStatus();
}

Status parseRelay(const std::vector<std::string_view>& words, Command& command) {
  if (words.size() != 2 || !ascii::startsWith(words[0], "enp://") || words[0].size() > kMaxReference)
    return bad("RELAY needs a key and a packet");
  auto packet = base64::decode(words[1]);
  if (!packet) return bad("the packet of RELAY is no base64");
  command.text = words[0];
  command.packet = std::move(*packet);
  return okStatus();
}

Status parseArguments(std::string_view rest, Command& command) {
  const auto words = ascii::words(rest);
  switch (command.verb) {
    case Command::Verb::Subscribe:
      return parseSubscribe(words, command);
    case Command::Verb::Unsubscribe:
      return parseUnsubscribe(words, command);
    case Command::Verb::Publish:
      if (words.size() != 1) return bad("PUBLISH needs one event reference");
      command.text = words[0];
      return okStatus();
    case Command::Verb::Relay:
      return parseRelay(words, command);
    case Command::Verb::Ping:
      command.text = ascii::trim(rest);
      return command.text.size() <= kMaxPingText ? okStatus() : bad("the text of PING is too long");
    default:
      return words.empty() ? okStatus() : bad(std::string(nameOf(command.verb)) + " takes no argument");
  }
}

}  // namespace

std::string_view nameOf(Command::Verb verb) {
  return kNames.at(static_cast<std::size_t>(verb));
}

std::vector<std::string_view> verbNames() {
  return {kNames.begin(), kNames.end()};
}

Result<Command> parseCommand(std::string_view line) {
  if (std::any_of(line.begin(), line.end(), [](char c) { return ascii::isControl(c) && c != '\t'; }))
    return bad("a command holds no control character");
  if (!utf8::valid(line)) return bad("a command is UTF-8");
  line = ascii::trim(line);
  const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view name = line.substr(0, blank);
  const auto* const found = std::find_if(kNames.begin(), kNames.end(),
                                         [name](std::string_view verb) { return ascii::equal(verb, name); });
  if (found == kNames.end())
    return bad("the commands are SUBSCRIBE, UNSUBSCRIBE, PUBLISH, RELAY, PING, NOOP, STARTTLS and QUIT");
  Command command;
  command.verb = static_cast<Command::Verb>(found - kNames.begin());
  PH_CHECK(parseArguments(line.substr(blank), command));
  return command;
}

}  // namespace posthorn::enpd
