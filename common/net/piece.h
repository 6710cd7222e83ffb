// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/net/output_queue.h"
#include "common/net/stream.h"

namespace posthorn::net {

/// Text that something else keeps alive (null pin: a constant).
struct Slice {
  std::string_view text;
  std::shared_ptr<const void> pin;
};

/// A part of a response that a job has made: owned text, text in place, or octets of a file.
using Piece = std::variant<std::string, Slice, FileRange>;

/// Loop thread.
inline void write(Stream& stream, std::vector<Piece> pieces) {
  for (Piece& piece : pieces) {
    if (auto* text = std::get_if<std::string>(&piece)) {
      stream.write(std::move(*text));
    } else if (auto* slice = std::get_if<Slice>(&piece)) {
      stream.writeView(slice->text, std::move(slice->pin));
    } else {
      stream.writeFile(std::move(std::get<FileRange>(piece)));
    }
  }
}

}  // namespace posthorn::net
