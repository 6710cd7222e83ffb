// SPDX-License-Identifier: Apache-2.0
#include "popd/transfer.h"

#include <algorithm>
#include <array>

namespace posthorn::popd {
namespace {

// A window that consists of dots would make more slices than octets: from here on it is copied instead.
constexpr std::size_t kMostSlices = 512;

/// `text` with a further dot before each of `dots`.
std::string stuffed(View text, const std::vector<std::uint32_t>& dots) {
  std::string out;
  out.reserve(text.size() + dots.size());
  std::size_t from = 0;
  for (const std::uint32_t dot : dots) {
    out.append(text.substr(from, dot - from)).push_back('.');
    from = dot;
  }
  return out.append(text.substr(from));
}

void addStuffed(Window& window, View text, const std::vector<std::uint32_t>& dots,
                const std::shared_ptr<const void>& pin) {
  if (dots.size() > kMostSlices) {
    window.pieces.emplace_back(stuffed(text, dots));
    return;
  }
  std::size_t from = 0;
  for (const std::uint32_t dot : dots) {
    if (dot > from) window.pieces.emplace_back(net::Slice{text.substr(from, dot - from), pin});
    window.pieces.emplace_back(net::Slice{".", nullptr});
    from = dot;
  }
  if (from < text.size()) window.pieces.emplace_back(net::Slice{text.substr(from), pin});
}

}  // namespace

MessageTransfer::MessageTransfer(store::MessageBody body, std::optional<std::uint32_t> bodyLines)
    : body_(std::move(body)), bodyLines_(bodyLines), scanner_(bodyLines) {}

/// How much of the file is sent without looking at its lines; nothing when they must be looked at.
std::optional<std::uint64_t> MessageTransfer::verbatimLength() const {
  if (body_.dotLines) return std::nullopt;
  if (!bodyLines_ || *bodyLines_ >= body_.lines) return body_.slice.length;
  if (*bodyLines_ == 0) return body_.headerLength;
  return std::nullopt;
}

Result<Window> MessageTransfer::more(const Maildrop& box) {
  static_cast<void>(box);
  const auto length = verbatimLength();
  return length ? verbatim(*length) : scanned();
}

Result<Window> MessageTransfer::verbatim(std::uint64_t length) const {
  std::array<char, 2> end{};
  std::size_t got = 0;
  if (length >= end.size()) {
    PH_TRY(got, body_.slice.read(length - end.size(), end.data(), end.size()));
  }
  const bool ended = length == 0 || (got == end.size() && View(end.data(), got) == "\r\n");
  Window window;
  window.last = true;
  const store::BlobSlice& slice = body_.slice;
  if (length > 0 && slice.fd >= 0) {
    window.pieces.emplace_back(net::FileRange{slice.fd, slice.offset, length, slice.pin});
  } else if (length > 0) {
    window.pieces.emplace_back(net::Slice{slice.memory.substr(0, length), slice.pin});
  }
  window.pieces.emplace_back(net::Slice{ended ? ".\r\n" : "\r\n.\r\n", nullptr});
  return window;
}

Result<Window> MessageTransfer::scanned() {
  const std::uint64_t left = body_.slice.length - at_;
  auto text = std::make_shared<std::string>(std::min<std::uint64_t>(kWindow, left), '\0');
  PH_TRY(const std::size_t got, body_.slice.read(at_, text->data(), text->size()));
  if (got != text->size()) return makeError(Errc::Corrupt, "a message is shorter than its record says");
  at_ += got;
  const LineScanner::Window found = scanner_.scan(*text);
  Window window;
  window.last = scanner_.finished() || at_ == body_.slice.length;
  addStuffed(window, View(*text).substr(0, found.take), found.dots, text);
  if (window.last) window.pieces.emplace_back(net::Slice{scanner_.terminator(), nullptr});
  return window;
}

Result<Window> ListingTransfer::more(const Maildrop& box) {
  std::string text;
  for (; next_ <= box.last() && text.size() < kWindow; ++next_) {
    if (box.marked(next_)) continue;
    text.append(std::to_string(next_)).push_back(' ');
    line_(box, next_, text);
    text.append("\r\n");
  }
  Window window;
  window.last = next_ > box.last();
  if (window.last) text.append(".\r\n");
  window.pieces.emplace_back(std::move(text));
  return window;
}

}  // namespace posthorn::popd
