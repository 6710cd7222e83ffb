// SPDX-License-Identifier: Apache-2.0
#include "common/auth/sasl/mechanism.h"

#include "common/auth/sasl/login.h"
#include "common/auth/sasl/plain.h"
#include "common/base/ascii.h"

namespace posthorn::auth::sasl {
namespace {

template <typename M>
std::unique_ptr<Mechanism> makeOne() {
  return std::make_unique<M>();
}

// Every row shows a password, so plaintextmincipher governs all of them.
struct Row {
  std::string_view name;
  std::unique_ptr<Mechanism> (*make)();
};
constexpr Row kRows[] = {
    {"PLAIN", &makeOne<Plain>},
    {"LOGIN", &makeOne<LoginMechanism>},
};

const Row* rowOf(std::string_view name) {
  for (const Row& row : kRows)
    if (ascii::equal(row.name, name)) return &row;
  return nullptr;
}

}  // namespace

bool passwordsAllowed(int plaintextMinCipher, const Channel& channel) {
  if (plaintextMinCipher < 0) return false;
  if (plaintextMinCipher == 0) return true;
  return channel.tls && channel.cipherBits >= plaintextMinCipher;
}

std::vector<std::string_view> offered(const std::vector<std::string>& permitted, int plaintextMinCipher,
                                      const Channel& channel) {
  std::vector<std::string_view> names;
  if (!passwordsAllowed(plaintextMinCipher, channel)) return names;
  for (const std::string& name : permitted)
    if (const Row* row = rowOf(name)) names.push_back(row->name);
  return names;
}

bool isBuilt(std::string_view mechanism) {
  return rowOf(mechanism) != nullptr;
}

std::unique_ptr<Mechanism> make(std::string_view name, const std::vector<std::string>& permitted,
                                int plaintextMinCipher, const Channel& channel) {
  for (const std::string_view allowed : offered(permitted, plaintextMinCipher, channel))
    if (ascii::equal(allowed, name)) return rowOf(allowed)->make();
  return nullptr;
}

}  // namespace posthorn::auth::sasl
