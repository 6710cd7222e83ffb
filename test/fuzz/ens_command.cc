// SPDX-License-Identifier: Apache-2.0
// sources: tools/enpd/command.cc tools/enpd/wish.cc

// Command lines of the event service, as they come from the network: cut anywhere they are the same commands,
// and what is accepted is bounded and holds no control character.

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/ascii.h"
#include "common/net/line_reader.h"
#include "test/fuzz/require.h"
#include "tools/enpd/command.h"

using namespace posthorn;
using namespace posthorn::enpd;

namespace {

constexpr std::size_t kLimit = 512;

bool clean(const std::string& text) {
  return std::none_of(text.begin(), text.end(), ascii::isControl);
}

void look(const Command& command) {
  for (const Wish& wish : command.wishes) {
    fuzz::require(wish.path.rfind("enp://", 0) == 0 && wish.path.size() > 6, "a path names a host");
    fuzz::require(wish.path.back() != '/', "a path does not end with a slash");
    fuzz::require(wish.segments.size() <= kMaxSegments, "segments are bounded");
    fuzz::require(clean(wish.path) && clean(wish.owner) && clean(wish.user) && clean(wish.mailbox),
                  "no control character in a wish");
    fuzz::require((wish.types & ~events::kAllEvents) == 0, "only types that there are");
  }
  if (command.verb == Command::Verb::Publish) static_cast<void>(parseReference(command.text));
  if (command.verb == Command::Verb::Relay) static_cast<void>(events::decodeEvent(command.packet));
}

void put(net::InputBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = buffer.room(bytes.size());
    fuzz::require(!room.empty(), "there is room");
    std::copy_n(bytes.begin(), room.size(), room.begin());
    buffer.grown(room.size());
    bytes.remove_prefix(room.size());
  }
}

/// What a session makes of the bytes when they come in pieces of `piece` octets.
std::vector<std::string> outcomes(std::string_view bytes, std::size_t piece) {
  net::InputBuffer buffer(kLimit * 2 + piece);
  net::LineReader lines(buffer, kLimit);
  std::vector<std::string> made;
  bool skipping = false;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    put(buffer, bytes.substr(at, piece));
    while (true) {
      if (skipping && !lines.skipLongLine()) break;
      if (std::exchange(skipping, false)) made.emplace_back("too long");
      const auto line = lines.next();
      if (!line.ok()) {
        skipping = true;
        continue;
      }
      if (!*line) break;
      const auto command = parseCommand(**line);
      if (command.ok()) look(*command);
      made.push_back(command.ok() ? std::string(nameOf(command->verb)) + command->text
                                  : command.error().text);
      lines.consume();
    }
  }
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16384) return 0;
  const std::string_view bytes = fuzz::text(data, size);
  const auto whole = outcomes(bytes, 700);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}})
    fuzz::require(outcomes(bytes, piece) == whole, "cut otherwise it is the same");
  return 0;
}
