// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/login/web_session_record.h"

#include <algorithm>

namespace posthorn::mshttpd::login {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMostAddresses = 64;
constexpr std::size_t kFixed = 2 + 16 + 3 * 8;

std::uint64_t secondsOf(Wall time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

Wall wallOf(std::uint64_t seconds) {
  return Wall(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

void putText(Bytes& out, View text) {
  const View fitting = text.substr(0, 0xFFFF);
  putLe(out, static_cast<std::uint16_t>(fitting.size()));
  out += fitting;
}

bool takeText(View& in, std::string& text) {
  if (in.size() < 2) return false;
  const std::size_t size = getLe<std::uint16_t>(in, 0);
  if (in.size() < 2 + size) return false;
  text = in.substr(2, size);
  in.remove_prefix(2 + size);
  return true;
}

}  // namespace

Bytes encode(const WebSession& session) {
  Bytes out;
  out.push_back(static_cast<char>(kFormat));
  out.push_back(session.anonymous ? 1 : 0);
  out.append(reinterpret_cast<const char*>(session.address.raw().data()), 16);
  putLe(out, secondsOf(session.began));
  putLe(out, secondsOf(session.used));
  putLe(out, secondsOf(session.checked));
  putText(out, session.user);
  putText(out, session.by);
  putText(out, session.name);
  for (std::size_t i = 0; i < std::min(session.addresses.size(), kMostAddresses); ++i)
    putText(out, session.addresses[i]);
  return out;
}

std::optional<WebSession> decode(View record) {
  if (record.size() < kFixed || static_cast<std::uint8_t>(record[0]) != kFormat) return std::nullopt;
  WebSession session;
  session.anonymous = record[1] != 0;
  std::array<std::uint8_t, 16> raw{};
  std::copy_n(record.begin() + 2, 16, raw.begin());
  session.address = net::Address(raw);
  session.began = wallOf(getLe<std::uint64_t>(record, 18));
  session.used = wallOf(getLe<std::uint64_t>(record, 26));
  session.checked = wallOf(getLe<std::uint64_t>(record, 34));
  View rest = record.substr(kFixed);
  if (!takeText(rest, session.user) || !takeText(rest, session.by) || !takeText(rest, session.name))
    return std::nullopt;
  while (!rest.empty()) {
    std::string address;
    if (!takeText(rest, address)) return std::nullopt;
    session.addresses.push_back(std::move(address));
  }
  return session;
}

bool sameNetwork(const net::Address& a, const net::Address& b) {
  if (a.isV4() != b.isV4()) return false;
  const std::ptrdiff_t octets = a.isV4() ? 15 : 8;
  return std::equal(a.raw().begin(), a.raw().begin() + octets, b.raw().begin());
}

}  // namespace posthorn::mshttpd::login
