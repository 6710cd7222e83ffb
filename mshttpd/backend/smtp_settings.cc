// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/smtp_settings.h"

#include "common/base/ascii.h"
#include "common/config/snapshot.h"

namespace posthorn::mshttpd::backend {

Place parsePlace(std::string_view text, std::uint16_t port) {
  const bool bracketed = !text.empty() && text.front() == '[';
  const std::size_t close = bracketed ? text.find(']') : 0;
  // More than one colon without brackets is an address of IPv6.
  const std::size_t colon = text.rfind(':');
  const bool hasPort =
      colon != std::string_view::npos && (bracketed ? colon > close : text.find(':') == colon);
  std::string_view host = hasPort ? text.substr(0, colon) : text;
  if (bracketed && host.size() >= 2) host = host.substr(1, host.size() - 2);
  if (hasPort) port = static_cast<std::uint16_t>(ascii::number(text.substr(colon + 1)).value_or(port));
  return {std::string(host), port, {}};
}

Result<SmtpSettings> SmtpSettings::from(const config::Snapshot& config) {
  SmtpSettings out;
  const auto port = static_cast<std::uint16_t>(config.get<"http.smtpport">());
  for (const std::string& host : config.get<"http.smtphost">()) out.places.push_back(parsePlace(host, port));
  out.hello = config.get<"base.hostname">();
  out.lmtp = config.get<"http.smtplmtp">();
  out.user = config.get<"http.smtpauthuser">();
  out.password = config.get<"http.smtpauthpassword">();
  const std::string& tls = config.get<"http.smtptls">();
  out.tls = tls == "no"         ? Tls::Never
            : tls == "offered"  ? Tls::Offered
            : tls == "required" ? Tls::Required
                                : Tls::FromTheFirst;
  if (out.tls == Tls::Never) return out;
  PH_TRY(const tls::MinVersion least, tls::parseMinVersion(config.get<"base.tlsminversion">()));
  PH_TRY(out.verified, tls::ClientContext::make(config.get<"http.smtptlsca">(), least));
  PH_TRY(out.unverified, tls::ClientContext::makeUnverified(least));
  return out;
}

}  // namespace posthorn::mshttpd::backend
