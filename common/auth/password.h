// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/auth/secret.h"
#include "common/base/result.h"

namespace posthorn::auth {

/// Hash of a prepared password by libxcrypt. `scheme` is a value of auth.passwordscheme, `cost` in the
/// scheme's own measure (0: our usual one). Blocks for as long as the scheme is meant to take. Invalid when
/// libxcrypt does not take the cost, or the password is empty, too long, or (bcrypt) longer than the 72
/// octets that count.
Result<std::string> hashPassword(const Secret& password, std::string_view scheme, unsigned cost);

/// Whether the password makes `hash`. Blocks likewise. Unsupported when libxcrypt does not know the scheme.
Result<bool> passwordMatches(const Secret& password, std::string_view hash);

/// Checks the shape of a hash without computing one: a prefix that libxcrypt knows, its alphabet, its length,
/// a cost that does not stop the server. Returns the hash as we store it, without `{scheme}`.
///   {CRYPT}$...  {YESCRYPT}$y$...  {BCRYPT} {BLF-CRYPT} {BLOWFISH}$2y$...  {SHA512-CRYPT}$6$...
///   {SHA256-CRYPT}$5$...  {SCRYPT}$7$...  {MD5-CRYPT}$1$...  and bare $...
/// {PLAIN} and digests without crypt(3)'s stretching ({SSHA} ...) are Unsupported here.
Result<std::string> parseHash(std::string_view text);

/// The scheme of a stored hash, for show: "yescrypt", "sha512crypt"; empty when unknown.
std::string_view schemeOf(std::string_view hash);

/// A random password of 120 bits that is easily read aloud: letters and digits in groups of four.
Secret randomPassword();

}  // namespace posthorn::auth
