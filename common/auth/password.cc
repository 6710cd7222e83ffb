// SPDX-License-Identifier: Apache-2.0
#include "common/auth/password.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <crypt.h>
#include <openssl/crypto.h>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/base/ids.h"

namespace posthorn::auth {
namespace {

struct Scheme {
  std::string_view name;    // auth.passwordscheme
  std::string_view prefix;  // what its hashes start with
  std::string_view tags;    // names between braces, blank-separated
  std::size_t tail;         // octets behind the last '$' of a whole hash
  unsigned cost;            // our usual one; 0 leaves it to libxcrypt
  bool offered;             // may be chosen for new passwords
};

// libxcrypt's own costs of bcrypt (5) and of the SHA schemes (5000 rounds) take about a millisecond: too
// cheap.
constexpr Scheme kSchemes[] = {
    {"yescrypt", "$y$", "CRYPT YESCRYPT", 43, 0, true},
    {"gost-yescrypt", "$gy$", "CRYPT GOST-YESCRYPT", 43, 0, true},
    {"scrypt", "$7$", "CRYPT SCRYPT", 43, 0, true},
    {"bcrypt", "$2b$", "CRYPT BCRYPT BLF-CRYPT BLOWFISH", 53, 11, true},
    {"bcrypt", "$2y$", "CRYPT BCRYPT BLF-CRYPT BLOWFISH", 53, 0, false},
    {"bcrypt", "$2a$", "CRYPT BCRYPT BLF-CRYPT BLOWFISH", 53, 0, false},
    {"sha512crypt", "$6$", "CRYPT SHA512-CRYPT", 86, 200000, true},
    {"sha256crypt", "$5$", "CRYPT SHA256-CRYPT", 43, 200000, true},
    {"md5crypt", "$1$", "CRYPT MD5-CRYPT", 22, 0, false},
};

constexpr std::size_t kBcryptOctets = 72;
constexpr std::size_t kLongestHash = CRYPT_OUTPUT_SIZE - 1;

const Scheme* schemeByHash(std::string_view hash) {
  for (const Scheme& scheme : kSchemes)
    if (hash.substr(0, scheme.prefix.size()) == scheme.prefix) return &scheme;
  return nullptr;
}

const Scheme* schemeByName(std::string_view name) {
  for (const Scheme& scheme : kSchemes)
    if (scheme.offered && ascii::equal(scheme.name, name)) return &scheme;
  return nullptr;
}

// crypt_rn's work area is 32 KiB and remembers the password: on the heap, and overwritten.
class CryptArea {
 public:
  CryptArea() : data_(std::make_unique<crypt_data>()) {}
  ~CryptArea() { OPENSSL_cleanse(data_.get(), sizeof(crypt_data)); }
  CryptArea(const CryptArea&) = delete;
  CryptArea& operator=(const CryptArea&) = delete;

  std::optional<std::string> run(const Secret& password, const std::string& setting) {
    const char* out =
        crypt_rn(password.cString(), setting.c_str(), data_.get(), static_cast<int>(sizeof(crypt_data)));
    if (out == nullptr) return std::nullopt;
    return std::string(out);
  }

 private:
  std::unique_ptr<crypt_data> data_;
};

Status checkPassword(const Secret& password) {
  if (password.empty()) return makeError(Errc::Invalid, "the password is empty");
  if (password.size() > kMaxPassword)
    return makeError(Errc::Invalid, "a password has at most " + std::to_string(kMaxPassword) + " octets");
  if (password.view().find('\0') != std::string_view::npos)
    return makeError(Errc::Invalid, "a password has no NUL");
  return okStatus();
}

// An imported hash may be costly, but must not occupy a thread for minutes at each login.
bool bearableCost(const Scheme& scheme, std::string_view hash) {
  constexpr std::uint64_t kMostRounds = 5'000'000;
  constexpr std::uint64_t kMostBcrypt = 15;
  std::string_view rest = hash.substr(scheme.prefix.size());
  if (scheme.name == "bcrypt") {
    const auto cost = ascii::number(rest.substr(0, 2));
    return cost && *cost >= 4 && *cost <= kMostBcrypt && rest.substr(2, 1) == "$";
  }
  constexpr std::string_view kRounds = "rounds=";
  if (rest.substr(0, kRounds.size()) != kRounds) return true;
  rest.remove_prefix(kRounds.size());
  const auto rounds = ascii::number(rest.substr(0, rest.find('$')));
  return rounds && *rounds <= kMostRounds;
}

bool inAlphabet(char c) {
  return ascii::isAlpha(c) || ascii::isDigit(c) || c == '.' || c == '/' || c == '$' || c == '=' || c == ',';
}

Status checkShape(std::string_view hash) {
  const Scheme* scheme = schemeByHash(hash);
  if (scheme == nullptr) return makeError(Errc::Unsupported, "the hash's scheme is not known");
  if (hash.size() > kLongestHash || !std::all_of(hash.begin(), hash.end(), inAlphabet))
    return makeError(Errc::Invalid, "the hash has characters or a length that no hash has");
  const std::size_t last = hash.rfind('$');
  if (last < scheme->prefix.size() || hash.size() - last - 1 != scheme->tail)
    return makeError(Errc::Invalid, "the hash is cut short or too long for its scheme");
  if (!bearableCost(*scheme, hash))
    return makeError(Errc::Invalid, "the hash's cost is not valid or would stop the server");
  if (crypt_checksalt(std::string(hash).c_str()) == CRYPT_SALT_INVALID)
    return makeError(Errc::Unsupported, "the C library does not know this hash");
  return okStatus();
}

}  // namespace

Result<std::string> hashPassword(const Secret& password, std::string_view scheme, unsigned cost) {
  PH_CHECK(checkPassword(password));
  const Scheme* chosen = schemeByName(scheme);
  if (chosen == nullptr)
    return makeError(Errc::Unsupported, "no such password scheme: " + std::string(scheme));
  if (chosen->name == "bcrypt" && password.size() > kBcryptOctets)
    return makeError(Errc::Invalid, "bcrypt looks at 72 octets of a password only: this one is longer");
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  const std::string prefix(chosen->prefix);
  if (crypt_gensalt_rn(prefix.c_str(), cost == 0 ? chosen->cost : cost, nullptr, 0, setting.data(),
                       static_cast<int>(setting.size())) == nullptr)
    return makeError(Errc::Invalid, "auth.passwordcost " + std::to_string(cost) + " is not one of " + prefix);
  auto hash = CryptArea().run(password, setting.data());
  if (!hash) return makeError(Errc::Internal, "libxcrypt made no hash");
  return *std::move(hash);
}

Result<bool> passwordMatches(const Secret& password, std::string_view hash) {
  PH_CHECK(checkPassword(password));
  if (schemeByHash(hash) == nullptr || hash.size() > kLongestHash)
    return makeError(Errc::Unsupported, "the hash's scheme is not known");
  const auto made = CryptArea().run(password, std::string(hash));
  if (!made) return makeError(Errc::Unsupported, "libxcrypt cannot compute this hash");
  return constantTimeEqual(*made, hash);
}

Result<std::string> parseHash(std::string_view text) {
  std::string_view tag;
  if (!text.empty() && text.front() == '{') {
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return makeError(Errc::Invalid, "'{' without '}' before the hash");
    tag = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    bool known = false;
    for (const Scheme& scheme : kSchemes)
      for (const std::string_view name : ascii::words(scheme.tags)) known = known || ascii::equal(name, tag);
    if (!known)
      return makeError(Errc::Unsupported, "{" + ascii::printable(tag, 40) + "} is not a scheme of crypt(3)");
  }
  PH_CHECK(checkShape(text));
  const Scheme* scheme = schemeByHash(text);
  const auto tags = ascii::words(scheme->tags);
  if (!tag.empty() &&
      std::none_of(tags.begin(), tags.end(), [&](std::string_view name) { return ascii::equal(name, tag); }))
    return makeError(Errc::Invalid, "the hash is of another scheme than {" + std::string(tag) + "} says");
  return std::string(text);
}

std::string_view schemeOf(std::string_view hash) {
  const Scheme* scheme = schemeByHash(hash);
  return scheme == nullptr ? std::string_view{} : scheme->name;
}

Secret randomPassword() {
  // 32 characters that cannot be taken for each other: 5 bits each.
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kAlphabet.size() == 32);
  std::array<unsigned char, 24> random{};
  randomBytes(random.data(), random.size());
  std::string text;
  text.reserve(32);
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i > 0 && i % 4 == 0) text.push_back('-');
    text.push_back(kAlphabet[random[i] & 31]);
  }
  OPENSSL_cleanse(random.data(), random.size());
  return Secret(std::move(text));
}

}  // namespace posthorn::auth
