// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace posthorn::proc {

/// The TLS keys of one service as bytes: master reads the files, workers never see them. Secret as a whole.
struct TlsMaterial {
  struct Identity {
    std::string name;  ///< of the group tls:NAME
    std::string cert;  ///< PEM, leaf first
    std::string key;   ///< PEM
  };
  std::vector<Identity> identities;  ///< the first one is for clients that name no host
  /// Session ticket keys of kTicketKeyBytes each, the newest first: it encrypts, the others only decrypt. The
  /// same in all workers of an instance, so that a client may resume at any of them.
  std::vector<std::string> ticketKeys;

  static constexpr std::size_t kTicketKeyBytes = 80;  ///< 16 name, 32 AES-256, 32 HMAC-SHA-256

  [[nodiscard]] bool operator==(const TlsMaterial& other) const;
  [[nodiscard]] std::string encode() const;
  static Result<TlsMaterial> decode(std::string_view bytes);
};

}  // namespace posthorn::proc
