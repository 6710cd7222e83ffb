// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/event_stream.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::http {
namespace {

constexpr std::chrono::seconds kLeastPing{5};
constexpr std::chrono::seconds kMostPing{300};
// More often than any idle timeout, ours or a proxy's before us.
constexpr std::chrono::seconds kTurn{30};
// How soon a logout ends the stream.
constexpr std::chrono::seconds kMostLook{10};
constexpr std::chrono::seconds kLeastLook{1};
constexpr std::size_t kMostTypes = 32;

/// Streams that begin together, as all do after a restart, do not look together: each look is a job.
std::chrono::milliseconds spread(std::chrono::milliseconds most) {
  std::uint32_t random = 0;
  randomBytes(&random, sizeof random);
  return most - most * (random % 256) / 256;
}

}  // namespace

std::optional<EventStream::Wish> EventStream::wishOf(const Parameters& query, bool comesBack) {
  const auto value = [&](const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  Wish wish;
  wish.comesBack = comesBack;
  const std::string types = value("types");
  if (types.empty()) return std::nullopt;
  if (types != "*")
    for (const View type : ascii::words(types, ",")) wish.types.insert(std::string(type));
  if (wish.types.size() > kMostTypes || (types != "*" && wish.types.empty())) return std::nullopt;
  const std::string after = value("closeafter");
  if (after != "state" && after != "no") return std::nullopt;
  wish.closeAfterState = after == "state";
  const auto ping = ascii::number(value("ping"));
  if (!ping) return std::nullopt;
  if (*ping > 0)
    wish.ping = std::clamp(std::chrono::seconds(static_cast<long>(std::min<std::uint64_t>(*ping, 3600))),
                           kLeastPing, kMostPing);
  return wish;
}

EventStream::EventStream(net::Loop& loop, Owner& owner, Wish wish, std::chrono::seconds timeout)
    : loop_(loop),
      owner_(owner),
      wish_(std::move(wish)),
      timer_(loop, [this] { onTime(); }),
      lookEvery_(std::clamp(timeout / 4, kLeastLook, kMostLook)),
      look_(loop, [this] { onLook(); }),
      timeout_(timeout) {}

void EventStream::begin(PushSource* source, const jmap::Caller& caller) {
  began_ = pinged_ = loop_.now();
  // The first octets, so that proxies pass the head on.
  owner_.write(":\n\n");
  timer_.start(wish_.ping.count() > 0 ? std::min(wish_.ping, kTurn) : kTurn);
  look_.start(spread(lookEvery_));
  if (source == nullptr) return;
  subscription_ = source->subscribe({caller, wish_.types, wish_.comesBack},
                                    [this](const Changed& changed) { onChange(changed); });
}

std::string EventStream::eventOf(const Changed& changed, const std::set<std::string>& types) {
  jmap::Json accounts = jmap::Json::object();
  for (const auto& [account, states] : changed) {
    jmap::Json wanted = jmap::Json::object();
    for (const auto& [type, state] : states)
      if (types.empty() || types.contains(type)) wanted[type] = state;
    if (!wanted.empty()) accounts[account] = std::move(wanted);
  }
  if (accounts.empty()) return {};
  const std::string data = jmap::Json{{"@type", "StateChange"}, {"changed", std::move(accounts)}}.dump(
      -1, ' ', false, jmap::Json::error_handler_t::replace);
  return fmt::format("event: state\nid: {:016x}\ndata: {}\n\n", stableHash(data), data);
}

void EventStream::onChange(const Changed& changed) {
  std::string event = eventOf(changed, wish_.types);
  if (event.empty()) return;
  owner_.write(std::move(event));
  if (wish_.closeAfterState) owner_.endEvents();
}

void EventStream::onTime() {
  timer_.start(wish_.ping.count() > 0 ? std::min(wish_.ping, kTurn) : kTurn);
  if (wish_.ping.count() > 0 && loop_.now() - pinged_ >= wish_.ping - std::chrono::milliseconds(100)) {
    pinged_ = loop_.now();
    owner_.write(fmt::format("event: ping\ndata: {{\"interval\":{}}}\n\n", wish_.ping.count()));
  } else {
    owner_.write(":\n\n");
  }
}

void EventStream::onLook() {
  look_.start(lookEvery_);
  owner_.lookForSession(loop_.now() - began_ >= timeout_);
}

}  // namespace posthorn::mshttpd::http
