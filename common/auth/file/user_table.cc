// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/user_table.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

Error twiceError(std::size_t line) {
  return makeError(Errc::Conflict,
                   "stands on several lines of the user file, also line " + std::to_string(line));
}

Error corrupt(std::size_t line, const std::string& text) {
  return makeError(Errc::Corrupt, "user file line " + std::to_string(line) + ": " + text);
}

}  // namespace

UserTable::UserTable(std::string text) : text_(std::move(text)) {
  const std::string_view whole = text_;
  users_.reserve(static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n')));
  Place place;
  while (place.offset < whole.size()) {
    ++place.line;
    const std::size_t end = whole.find('\n', place.offset);
    place.cut = end == std::string_view::npos;
    const std::string_view line = whole.substr(place.offset, place.cut ? end : end - place.offset);
    if (!line.empty() && line.front() != '#') addLine(line, place);
    place.offset += line.size() + 1;
  }
}

void UserTable::addLine(std::string_view line, const Place& place) {
  const std::string_view name = nameOfLine(line);
  const bool isDomain = !name.empty() && name.front() == '@';
  Index& index = isDomain ? domains_ : users_;
  const auto [entry, fresh] = index.emplace(isDomain ? name.substr(1) : name, place);
  if (!fresh) {
    entry->second.twice = true;
    damages_.push_back({place.line, ascii::printable(name, 80) + " stands on line " +
                                        std::to_string(entry->second.line) + " too: both are refused"});
    return;
  }
  // One that may be cut short may lack what restricts it.
  if (place.cut) {
    damages_.push_back({place.line, "the last line has no newline and may be cut short: it is refused"});
    return;
  }
  if (isDomain) {
    if (const auto parsed = parseDomainLine(line); !parsed)
      damages_.push_back({place.line, parsed.error().text + ": the domain's users are refused"});
    return;
  }
  const auto parsed = parseUserLine(line);
  if (!parsed) {
    damages_.push_back({place.line, parsed.error().text + ": the user is refused"});
    return;
  }
  addAddresses(parsed->account.mail, place);
}

void UserTable::addAddresses(const std::vector<std::string>& addresses, const Place& place) {
  const std::string_view line = lineAt(place);
  for (const std::string& address : addresses) {
    const std::size_t at = line.find(address);
    std::string_view key;
    if (at == std::string_view::npos) {
      key = spelled_.emplace_back(address);
    } else {
      key = line.substr(at, address.size());
    }
    const auto [entry, fresh] = addresses_.emplace(key, place);
    if (fresh) continue;
    entry->second.twice = true;
    damages_.push_back({place.line, ascii::printable(address, 80) + " is an address of line " +
                                        std::to_string(entry->second.line) + " too: mail to it is refused"});
  }
}

std::string_view UserTable::lineAt(const Place& place) const {
  const std::string_view rest = std::string_view(text_).substr(place.offset);
  return rest.substr(0, rest.find('\n'));
}

Result<UserLine> UserTable::parseAt(const Place& place) const {
  if (place.twice) return twiceError(place.line);
  if (place.cut) return corrupt(place.line, "cut short");
  auto user = parseUserLine(lineAt(place));
  if (!user) return corrupt(place.line, user.error().text);
  return user;
}

Result<UserLine> UserTable::user(std::string_view id) const {
  const auto found = users_.find(id);
  if (found == users_.end()) return makeError(Errc::NotFound, "no such user");
  return parseAt(found->second);
}

Result<DomainLine> UserTable::domain(std::string_view name) const {
  const auto found = domains_.find(name);
  if (found == domains_.end()) {
    DomainLine active;
    active.domain = name;
    return active;
  }
  const Place& place = found->second;
  if (place.twice) return twiceError(place.line);
  if (place.cut) return corrupt(place.line, "cut short");
  auto domain = parseDomainLine(lineAt(place));
  if (!domain) return corrupt(place.line, domain.error().text);
  return domain;
}

Result<UserLine> UserTable::userByAddress(std::string_view address) const {
  const auto found = addresses_.find(address);
  if (found == addresses_.end()) return makeError(Errc::NotFound, "no such address");
  if (found->second.twice) return twiceError(found->second.line);
  // The user's own line may stand twice although its address does not.
  return user(nameOfLine(lineAt(found->second)));
}

std::vector<std::string_view> UserTable::names() const {
  std::vector<std::pair<std::size_t, std::string_view>> order;
  order.reserve(users_.size());
  for (const auto& [name, place] : users_) order.emplace_back(place.line, name);
  std::sort(order.begin(), order.end());
  std::vector<std::string_view> names;
  names.reserve(order.size());
  for (const auto& [line, name] : order) names.push_back(name);
  return names;
}

}  // namespace posthorn::auth
