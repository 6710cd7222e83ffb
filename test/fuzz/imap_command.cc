// SPDX-License-Identifier: Apache-2.0

// A client's bytes: cut in two anywhere they give the same commands and refusals, and each command prints to
// what parses to the same value. The first octet says where the cut is and whether names are UTF-8.

#include "test/fuzz/imap_driver.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

void roundTrip(const imap::Command& command, const imap::ParseOptions& options) {
  std::string printed;
  imap::putCommand(printed, command, {.utf8 = options.utf8, .literalPlus = true});
  const auto outcome = imap::parseCommand(printed, options);
  const auto* again = std::get_if<imap::Done>(&outcome);
  // What was within the bounds as it came may be longer as it is printed.
  if (again == nullptr) {
    const auto* bad = std::get_if<imap::Bad>(&outcome);
    fuzz::require(bad != nullptr && (bad->text == "Literal too long" || bad->text == "Line too long"),
                  "a printed command parses");
    return;
  }
  fuzz::require(again->command == command, "a printed command is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const View bytes = fuzz::text(data + 1, size - 1);
  const imap::ParseOptions options{.utf8 = (data[0] & 1U) != 0, .maxLine = 512, .maxLiteral = 64};
  imap::test::Driver whole(options);
  whole.feed(bytes);
  imap::test::Driver pieces(options);
  const std::size_t cut = bytes.empty() ? 0 : data[0] / 2U % bytes.size();
  pieces.feed(bytes.substr(0, cut));
  pieces.feed(bytes.substr(cut));
  fuzz::require(whole.events() == pieces.events(), "a cut changes nothing");
  for (const imap::Command& command : whole.commands()) roundTrip(command, options);
  return 0;
}
