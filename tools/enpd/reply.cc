// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/reply.h"

#include <set>

#include "common/events/event_text.h"
#include "tools/enpd/command.h"

namespace posthorn::enpd {
namespace {

/// One object on one line, its members in the order of putting.
class Object {
 public:
  explicit Object(std::string_view kind) { put("ens", kind); }
  Object() = default;

  Object& put(std::string_view name, std::string_view value) {
    begin(name);
    events::putJsonString(text_, value);
    return *this;
  }
  Object& put(std::string_view name, std::uint64_t value) {
    begin(name);
    text_ += std::to_string(value);
    return *this;
  }
  Object& putBool(std::string_view name, bool value) {
    begin(name);
    text_ += value ? "true" : "false";
    return *this;
  }
  [[nodiscard]] std::string object() const { return text_ + "}"; }
  [[nodiscard]] std::string line() const { return object() + std::string(kLineEnd); }

 private:
  void begin(std::string_view name) {
    text_ += text_.empty() ? "{" : ",";
    events::putJsonString(text_, name);
    text_ += ":";
  }
  std::string text_;
};

}  // namespace

std::string hello(const Offer& offer) {
  return Object("hello")
      .put("version", std::uint64_t{kProtocolVersion})
      .put("host", offer.host)
      .put("product", "Posthorn " POSTHORN_VERSION)
      .putBool("starttls", offer.startTls)
      .putBool("publish", offer.publish)
      .line();
}

std::string done(std::string_view command) {
  return Object("ok").put("command", command).line();
}

std::string done(std::string_view command, std::size_t count) {
  return Object("ok").put("command", command).put("count", std::uint64_t{count}).line();
}

std::string failed(const Error& error) {
  return Object("error").put("code", toString(error.code)).put("text", error.text).line();
}

std::string pong(std::string_view text) {
  return Object("pong").put("text", text).line();
}

std::string ping() {
  return Object("ping").line();
}

std::string lost(std::uint64_t count, LostWhere where) {
  return Object("lost")
      .put("count", count)
      .put("where", where == LostWhere::Queue ? "queue" : "publisher")
      .line();
}

std::string bye(std::string_view why, bool again) {
  return Object("bye").put("text", why).putBool("again", again).line();
}

std::string jsonOf(std::string_view text, events::EventType type, const Reference& reference) {
  Object object;
  object.put("event", events::rfc5423Name(type, events::FlagMode::None)).put("reference", text);
  std::set<std::string_view> put = {"event", "reference", "ens"};
  for (const Reference::Parameter& parameter : reference.parameters)
    if (put.insert(parameter.name).second) object.put(parameter.name, parameter.value);
  return object.object();
}

}  // namespace posthorn::enpd
