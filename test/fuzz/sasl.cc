// SPDX-License-Identifier: Apache-2.0

// SASL exchanges: any messages lead to credentials, a challenge or a failure, and credentials hold no NUL.

#include "common/auth/sasl/mechanism.h"
#include "test/fuzz/require.h"

using namespace posthorn;
using namespace posthorn::auth;

namespace {

bool ended(const sasl::Step& step) {
  if (const auto* credentials = std::get_if<sasl::Credentials>(&step)) {
    fuzz::require(credentials->authcid.find('\0') == std::string::npos, "no NUL in a name");
    fuzz::require(credentials->authzid.find('\0') == std::string::npos, "no NUL in an identity");
  }
  return !std::holds_alternative<sasl::Challenge>(step);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::vector<std::string> permitted{"PLAIN", "LOGIN"};
  const auto mechanism = sasl::make(data[0] % 2 ? "plain" : "LOGIN", permitted, 0, {});
  fuzz::require(mechanism != nullptr, "both mechanisms are built");
  std::string_view rest = fuzz::text(data + 1, size - 1);
  // Messages are cut at newlines; the first one may be an initial response.
  bool first = true;
  for (int turn = 0; turn < 4; ++turn) {
    const std::string_view message = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), message.size() + 1));
    const sasl::Step step = first ? mechanism->start(data[0] % 4 < 2 ? std::optional(message) : std::nullopt)
                                  : mechanism->next(message);
    first = false;
    if (ended(step)) return 0;
  }
  return 0;
}
