// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/settings.h"

#include <algorithm>

#include "common/base/ids.h"

namespace posthorn::mshttpd {
namespace {

// 57 octets make a line of 76 characters and its end.
constexpr std::uint64_t kLineContent = 57;
constexpr std::uint64_t kLineWire = 78;
// For a message's own head, that of its part and a few words; never more than a sixteenth.
constexpr std::uint64_t kHeadRoom = 16UL * 1024;

std::string cookieNameOf(const config::Snapshot& config) {
  const std::string& set = config.get<"http.cookiename">();
  if (!set.empty()) return set;
  // Browsers send a cookie to every port of a host: two instances there must not take each other's.
  const std::uint64_t mark = stableHash(config.get<"server.directory">()) & 0xFFFF'FFFF;
  Bytes raw;
  putBe(raw, static_cast<std::uint32_t>(mark));
  return "webmailsid-" + toHex(raw);
}

}  // namespace

std::uint64_t contentOf(std::uint64_t whole) {
  const std::uint64_t room = whole - std::min(kHeadRoom, whole / 16);
  return room / kLineWire * kLineContent;
}

Settings Settings::from(const config::Snapshot& config) {
  const config::ServiceConfig service = config.service(config::Service::Http);
  Settings made;
  made.hostname = config.hostname();
  made.cookieName = cookieNameOf(config);
  made.gzipDynamic = config.get<"http.gzip.dynamic">();
  made.gzipStatic = config.get<"http.gzip.static">();
  made.maxPostSize = static_cast<std::uint64_t>(config.get<"http.maxpostsize">());
  made.maxMessageSize = static_cast<std::uint64_t>(config.get<"http.maxmessagesize">());
  made.anonymous = config.get<"http.allowanonymouslogin">();
  made.adminProxy = config.get<"http.allowadminproxy">();
  made.plaintextMinCipher = service.plaintextmincipher;
  made.certificates = !config.get<"http.sslclientca">().empty();
  made.head.line = service.maxlinelength;
  made.head.whole = std::min<std::size_t>(2 * service.maxlinelength, 60UL * 1024);
  for (const std::string& row : config.get<"base.trustedproxies">())
    if (const auto network = config::parseNetwork(row)) made.trustedProxies.push_back(*network);
  made.sessions = {.timeout = config.get<"http.sessiontimeout">(),
                   .most = static_cast<std::size_t>(config.get<"http.maxwebsessions">()),
                   .bound = config.get<"http.ipsecurity">()};
  return made;
}

jmap::Limits Settings::jmapLimits() const {
  jmap::Limits limits;
  limits.maxMessageSize = maxMessageSize;
  limits.maxSizeAttachmentsPerEmail = contentOf(maxMessageSize);
  limits.maxSizeUpload = std::min(maxPostSize, limits.maxSizeAttachmentsPerEmail);
  limits.maxSizeRequest = maxPostSize;
  return limits;
}

}  // namespace posthorn::mshttpd
