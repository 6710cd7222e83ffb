// SPDX-License-Identifier: Apache-2.0

// A server's bytes: each response prints to what parses to the same value, and no prefix of it is one
// already.

#include "common/imap/parse/response.h"
#include "common/imap/print/response.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

std::string printed(const imap::Response& response) {
  std::string out;
  imap::putResponse(out, response);
  return out;
}

/// A response that keeps no part of what it dropped or could not say again prints to itself.
void roundTrip(const imap::Response& response) {
  const std::string text = printed(response);
  const auto outcome = imap::parseResponse(text);
  const auto* again = std::get_if<imap::ResponseDone>(&outcome);
  if (again == nullptr) return;
  const std::string twice = printed(again->response);
  fuzz::require(twice == text, "a printed response is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  View bytes = fuzz::text(data, size);
  while (!bytes.empty()) {
    const auto outcome = imap::parseResponse(bytes);
    const auto* done = std::get_if<imap::ResponseDone>(&outcome);
    if (const auto* incomplete = std::get_if<imap::ResponseIncomplete>(&outcome))
      fuzz::require(incomplete->needed >= bytes.size(), "more is needed than there is");
    if (done == nullptr) return 0;
    fuzz::require(done->consumed > 0 && done->consumed <= bytes.size(), "a response takes some of the bytes");
    const auto prefix = imap::parseResponse(bytes.substr(0, done->consumed - 1));
    fuzz::require(std::holds_alternative<imap::ResponseIncomplete>(prefix),
                  "a response needs its last octet");
    roundTrip(done->response);
    bytes.remove_prefix(done->consumed);
  }
  return 0;
}
