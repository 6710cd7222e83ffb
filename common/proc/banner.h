// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace posthorn::proc {

inline constexpr std::string_view kProduct = "Posthorn";

/// What the letters of a banner template stand for.
struct BannerFacts {
  std::string_view host;                        ///< %h
  std::string_view protocol;                    ///< %p: "POP3", "IMAP4"
  std::string_view product = kProduct;          ///< %P
  std::string_view version = POSTHORN_VERSION;  ///< %V
};

/// The text of a greeting: %h %p %P %V, %% and, for every other letter, what strftime(3) makes of it in local
/// time. Controls become '?', '<' and '>' become parentheses (a POP3 client takes a word in angle brackets
/// for an offer of APOP); at most `limit` octets. Pure but for the time zone; any thread.
std::string banner(std::string_view pattern, const BannerFacts& facts, Wall now, std::size_t limit);

}  // namespace posthorn::proc
