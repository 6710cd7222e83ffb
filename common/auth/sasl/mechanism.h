// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/auth/reason.h"
#include "common/auth/secret.h"

namespace posthorn::auth::sasl {

/// The server sends `text` (the protocol encodes it: base64 behind `+ `) and waits for the next message.
struct Challenge {
  std::string text;
};

/// The exchange is over and these credentials are to be verified by auth::login in a job.
struct Credentials {
  std::string authzid;  ///< empty: derived from authcid
  std::string authcid;
  Secret password;
};

/// The exchange is over and nothing was shown that could be verified.
struct Failed {
  Reason reason = Reason::BadExchange;
};

using Step = std::variant<Challenge, Credentials, Failed>;

/// One authentication exchange, as a pure state machine: messages in, steps out; no I/O, no base64, no
/// directory. Owned by the session, loop thread. After Credentials or Failed it must not be called again.
class Mechanism {
 public:
  virtual ~Mechanism() = default;
  Mechanism() = default;
  Mechanism(const Mechanism&) = delete;
  Mechanism& operator=(const Mechanism&) = delete;

  /// The upper-case name as registered with IANA.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// `initial` is the decoded initial response; nothing when the client sent none (an empty one is `""`).
  virtual Step start(std::optional<std::string_view> initial) = 0;

  /// The client's next decoded message. A client that cancels (`*`) is handled by the protocol: it drops the
  /// mechanism.
  virtual Step next(std::string_view message) = 0;
};

/// What is known of the connection when mechanisms are offered.
struct Channel {
  bool tls = false;
  int cipherBits = 0;  ///< strength of the negotiated cipher; 0 without TLS
};

/// Octets of a decoded message that any mechanism accepts; protocols bound their lines by it (times 4/3).
inline constexpr std::size_t kMaxMessage = 4096;

/// True when a password may be shown on this connection (plaintextmincipher: 0 always; above 0 only on TLS
/// of at least that many bits; below 0 never). Governs USER/PASS and LOGIN commands too.
bool passwordsAllowed(int plaintextMinCipher, const Channel& channel);

/// The mechanisms to advertise on this connection, in the order of `permitted` (auth.mech_list).
std::vector<std::string_view> offered(const std::vector<std::string>& permitted, int plaintextMinCipher,
                                      const Channel& channel);

/// True when this build has the mechanism. SCRAM, EXTERNAL, ANONYMOUS and the OAuth ones are not built:
/// auth.mech_list refuses them by name.
bool isBuilt(std::string_view mechanism);

/// The mechanism by any-case name, or nothing when it is not offered() on this connection.
std::unique_ptr<Mechanism> make(std::string_view name, const std::vector<std::string>& permitted,
                                int plaintextMinCipher, const Channel& channel);

}  // namespace posthorn::auth::sasl
