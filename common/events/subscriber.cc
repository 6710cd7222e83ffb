// SPDX-License-Identifier: Apache-2.0
#include "common/events/subscriber.h"

#include <utility>

#include "common/base/ascii.h"

namespace posthorn::events {
namespace {

/// Well under ens.maxlinelength.
constexpr std::size_t kBatch = 16UL * 1024;

/// The number behind "count": in a line of the service's own; such lines are the service's and flat.
std::uint64_t countIn(View line) {
  constexpr View kName = "\"count\":";
  const std::size_t at = line.find(kName);
  if (at == View::npos) return 0;
  line.remove_prefix(at + kName.size());
  std::size_t digits = 0;
  while (digits < line.size() && ascii::isDigit(line[digits])) ++digits;
  return ascii::number(line.substr(0, digits)).value_or(0);
}

}  // namespace

std::string accountReference(View account, View key) {
  constexpr View kHex = "0123456789ABCDEF";
  std::string out(key);
  out += "?owner=";
  for (const char c : account) {
    if (ascii::isAlpha(c) || ascii::isDigit(c) || View("-._~@").find(c) != View::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

Subscriber::Subscriber(net::Loop& loop, Settings settings, EventHandler& handler)
    : settings_(std::move(settings)), handler_(handler), link_(loop, settings_.link, *this) {}

void Subscriber::add(const std::vector<std::string>& references) {
  std::vector<std::string> fresh;
  for (const std::string& reference : references)
    if (references_.insert(reference).second) fresh.push_back(reference);
  if (link_.up() && !fresh.empty()) subscribe(fresh);
}

void Subscriber::remove(const std::string& reference) {
  if (references_.erase(reference) != 0 && link_.up()) link_.send("UNSUBSCRIBE " + reference + "\r\n");
}

void Subscriber::subscribe(const std::vector<std::string>& references) {
  std::string begin = "SUBSCRIBE";
  if (!settings_.types.empty()) begin += " types=" + settings_.types;
  if (!settings_.json) begin += " form=text";
  std::string line = begin;
  const auto flush = [&] {
    if (line.size() == begin.size()) return;
    ++unanswered_;
    link_.send(std::exchange(line, begin) + "\r\n");
  };
  for (const std::string& reference : references) {
    if (line.size() + 1 + reference.size() > kBatch) flush();
    line += " " + reference;
  }
  flush();
}

void Subscriber::onUp() {
  unanswered_ = 0;
  subscribe({references_.begin(), references_.end()});
  // From when on there may have been events is not known.
  if (std::exchange(wasUp_, true)) handler_.onGap(std::nullopt);
}

void Subscriber::answered() {
  if (unanswered_ > 0 && --unanswered_ == 0) handler_.onListening();
}

void Subscriber::onLine(View line) {
  if (!line.starts_with("{\"ens\":")) return handler_.onEvent(line);
  if (isServiceLine(line, "lost")) return handler_.onGap(countIn(line));
  const bool refused = isServiceLine(line, "error");
  if (refused) handler_.onRefused(line);
  if (refused || line.find("\"SUBSCRIBE\"") != View::npos) answered();
}

void Subscriber::onDown(const std::string& why) {
  handler_.onDown(why);
}

}  // namespace posthorn::events
