// SPDX-License-Identifier: Apache-2.0
#include "common/proc/tls_material.h"

#include "common/base/bytes.h"

namespace posthorn::proc {
namespace {

constexpr std::string_view kMagic = "PHTLS1\n";
constexpr std::uint32_t kMaxEntries = 1024;

void putText(Bytes& out, View text) {
  putLe(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

struct Reader {
  View rest;

  Result<std::uint32_t> number() {
    if (rest.size() < 4) return makeError(Errc::Invalid, "TLS material is cut");
    const auto value = getLe<std::uint32_t>(rest, 0);
    rest.remove_prefix(4);
    return value;
  }
  Result<std::uint32_t> count() {
    PH_TRY(const std::uint32_t value, number());
    if (value > kMaxEntries) return makeError(Errc::Invalid, "TLS material has too many entries");
    return value;
  }
  Result<std::string> text() {
    PH_TRY(const std::uint32_t length, number());
    if (rest.size() < length) return makeError(Errc::Invalid, "TLS material is cut");
    std::string value(rest.substr(0, length));
    rest.remove_prefix(length);
    return value;
  }
};

}  // namespace

bool TlsMaterial::operator==(const TlsMaterial& other) const {
  return encode() == other.encode();
}

std::string TlsMaterial::encode() const {
  Bytes out(kMagic);
  putLe(out, static_cast<std::uint32_t>(identities.size()));
  for (const Identity& identity : identities) {
    putText(out, identity.name);
    putText(out, identity.cert);
    putText(out, identity.key);
  }
  putLe(out, static_cast<std::uint32_t>(ticketKeys.size()));
  for (const std::string& key : ticketKeys) putText(out, key);
  return out;
}

Result<TlsMaterial> TlsMaterial::decode(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return makeError(Errc::Invalid, "not TLS material");
  Reader in{bytes.substr(kMagic.size())};
  TlsMaterial material;
  PH_TRY(const std::uint32_t identities, in.count());
  for (std::uint32_t i = 0; i < identities; ++i) {
    Identity identity;
    PH_TRY(identity.name, in.text());
    PH_TRY(identity.cert, in.text());
    PH_TRY(identity.key, in.text());
    material.identities.push_back(std::move(identity));
  }
  PH_TRY(const std::uint32_t keys, in.count());
  for (std::uint32_t i = 0; i < keys; ++i) {
    PH_TRY(std::string key, in.text());
    if (key.size() != kTicketKeyBytes) return makeError(Errc::Invalid, "a ticket key has the wrong size");
    material.ticketKeys.push_back(std::move(key));
  }
  if (!in.rest.empty()) return makeError(Errc::Invalid, "TLS material is too long");
  return material;
}

}  // namespace posthorn::proc
