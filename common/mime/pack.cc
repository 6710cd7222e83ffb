// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <utility>

#include "common/base/ids.h"
#include "common/mime/digest.h"
#include "common/mime/limits.h"

// Outline: version8, count, then for each part flags8 and numbers: steps back to the parent (0: none),
// distance of the header from the parent's body, sizes of header and body, lines of header and body. Digest:
// magic32 version16 flags8 reserved8 zone16 reserved16 reserved32 sent64 lengths32 x 4, the four in that
// order (outline, envelope, bodystructure, preview), hash64 of all before. Numbers are of 7 bits an octet,
// the lowest first, the high bit on all but the last.

namespace posthorn::mime {

namespace {

constexpr std::uint8_t kOutlineVersion = 1;
constexpr std::uint32_t kDigestMagic = 0x4D444850;  // "PHDM"
constexpr std::uint16_t kDigestVersion = 1;
constexpr std::size_t kDigestHeader = 40;
constexpr std::uint8_t kHasSent = 1;
constexpr std::uint8_t kHasAttachment = 2;

void putVarint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

Error corrupt() {
  return makeError(Errc::Corrupt, "the cached structure of a message does not hold together");
}

std::uint8_t flagsOf(const PartNode& node) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(node.kind) |
                                   static_cast<unsigned>(node.encoding) << 2 | (node.text ? 16U : 0U) |
                                   (node.attachment ? 32U : 0U) | (node.global ? 64U : 0U));
}

class OutlineReader {
 public:
  OutlineReader(View packed, std::uint64_t size) : in_(packed), size_(size) {}

  Result<Outline> read() {
    if (in_.empty() || in_.front() != static_cast<char>(kOutlineVersion))
      return makeError(Errc::Unsupported, "the cached structure of a message is of another version");
    in_.remove_prefix(1);
    const std::uint64_t count = varint();
    // Each part takes seven octets at least.
    if (count == 0 || count > kMaxParts || count > in_.size() / 7) return corrupt();
    outline_.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count && !failed_; ++i) part();
    while (!open_.empty() && !failed_) close();
    if (failed_ || !in_.empty()) return corrupt();
    return std::move(outline_);
  }

 private:
  struct Open {
    std::uint32_t part;
    std::uint32_t lastChild;
    std::uint64_t from;  // where the next child may begin
  };

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      if (in_.empty()) break;
      const auto octet = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      value |= std::uint64_t{octet & 0x7FU} << shift;
      if (octet < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  std::uint32_t lines() {
    const std::uint64_t value = varint();
    if (value > size_ || value > std::numeric_limits<std::uint32_t>::max()) failed_ = true;
    return static_cast<std::uint32_t>(value);
  }
  void require(bool holds) {
    if (!holds) failed_ = true;
  }

  void flags(PartNode& node) {
    const auto value = in_.empty() ? 0xFFU : static_cast<unsigned char>(in_.front());
    require(value < 128 && (value & 3) != 3);
    if (failed_) return;
    in_.remove_prefix(1);
    node.kind = static_cast<PartKind>(value & 3);
    node.encoding = static_cast<Encoding>(value >> 2 & 3);
    node.text = (value & 16) != 0;
    node.attachment = (value & 32) != 0;
    node.global = (value & 64) != 0;
  }

  /// The parent must still be open: parts come in the order of their beginnings.
  void findParent(PartNode& node, std::uint64_t back) {
    const std::size_t index = outline_.size();
    require(back <= index && (back == 0) == (index == 0));
    if (failed_ || back == 0) return;
    node.parent = static_cast<std::uint32_t>(index - back);
    while (!failed_ && !open_.empty() && open_.back().part != node.parent) close();
    require(!open_.empty());
    if (failed_) return;
    const PartKind kind = outline_[node.parent].kind;
    require(kind == PartKind::Multipart ||
            (kind == PartKind::Message && outline_[node.parent].firstChild == kNoPart));
  }

  void part() {
    PartNode node;
    flags(node);
    findParent(node, varint());
    if (failed_) return;
    const auto index = static_cast<std::uint32_t>(outline_.size());
    const std::uint64_t base = open_.empty() ? 0 : outline_[node.parent].bodyStart;
    const std::uint64_t limit = open_.empty() ? size_ : outline_[node.parent].end;
    const std::uint64_t distance = varint();
    const std::uint64_t header = varint();
    const std::uint64_t body = varint();
    node.headerLines = lines();
    node.bodyLines = lines();
    require(distance <= limit - base && header <= limit - base - distance &&
            body <= limit - base - distance - header);
    if (failed_) return;
    node.headerStart = base + distance;
    node.bodyStart = node.headerStart + header;
    node.end = node.bodyStart + body;
    if (open_.empty()) {
      require(distance == 0 && node.end == size_);
    } else {
      Open& parent = open_.back();
      require(node.headerStart >= parent.from);
      (parent.lastChild == kNoPart ? outline_[parent.part].firstChild
                                   : outline_[parent.lastChild].nextSibling) = index;
      parent.lastChild = index;
      parent.from = node.end;
    }
    open_.push_back({index, kNoPart, node.bodyStart});
    require(open_.size() <= kMaxDepth);
    outline_.push_back(node);
  }

  void close() {
    const PartNode& node = outline_[open_.back().part];
    require(node.kind != PartKind::Message || node.firstChild != kNoPart);
    open_.pop_back();
  }

  View in_;
  std::uint64_t size_;
  Outline outline_;
  std::vector<Open> open_;
  bool failed_ = false;
};

}  // namespace

Bytes packOutline(const Outline& outline) {
  Bytes out;
  out.push_back(static_cast<char>(kOutlineVersion));
  putVarint(out, outline.size());
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const PartNode& node = outline[i];
    const bool root = node.parent == kNoPart;
    out.push_back(static_cast<char>(flagsOf(node)));
    putVarint(out, root ? 0 : i - node.parent);
    putVarint(out, node.headerStart - (root ? 0 : outline[node.parent].bodyStart));
    putVarint(out, node.headerSize());
    putVarint(out, node.bodySize());
    putVarint(out, node.headerLines);
    putVarint(out, node.bodyLines);
  }
  return out;
}

Result<Outline> unpackOutline(View packed, std::uint64_t size) {
  return OutlineReader(packed, size).read();
}

Bytes packDigest(const Digest& digest) {
  const Bytes outline = packOutline(digest.outline);
  const SentDate sent = digest.sent.value_or(SentDate{});
  Bytes out;
  putLe(out, kDigestMagic);
  putLe(out, kDigestVersion);
  putLe(out, static_cast<std::uint8_t>((digest.sent ? kHasSent : 0) |
                                       (digest.hasAttachment ? kHasAttachment : 0)));
  putLe(out, std::uint8_t{0});
  putLe(out, static_cast<std::uint16_t>(sent.zoneMinutes));
  putLe(out, std::uint16_t{0});
  putLe(out, std::uint32_t{0});
  putLe(out, static_cast<std::uint64_t>(sent.seconds));
  for (const Bytes* text : {&outline, &digest.envelope, &digest.bodystructure, &digest.preview})
    putLe(out, static_cast<std::uint32_t>(text->size()));
  for (const Bytes* text : {&outline, &digest.envelope, &digest.bodystructure, &digest.preview})
    out.append(*text);
  putLe(out, stableHash(out));
  return out;
}

Result<PackedViews> viewDigest(View packed) {
  if (packed.size() < kDigestHeader + 8 || getLe<std::uint32_t>(packed, 0) != kDigestMagic) return corrupt();
  if (getLe<std::uint16_t>(packed, 4) != kDigestVersion)
    return makeError(Errc::Unsupported, "the cached structure of a message is of another version");
  const View checked = packed.substr(0, packed.size() - 8);
  if (getLe<std::uint64_t>(packed, checked.size()) != stableHash(checked)) return corrupt();
  PackedViews views;
  const auto flags = getLe<std::uint8_t>(packed, 6);
  views.hasAttachment = (flags & kHasAttachment) != 0;
  if ((flags & kHasSent) != 0) {
    views.sent = SentDate{static_cast<std::int64_t>(getLe<std::uint64_t>(packed, 16)),
                          static_cast<std::int16_t>(getLe<std::uint16_t>(packed, 8))};
  }
  std::size_t at = kDigestHeader;
  std::size_t length = 24;
  for (View* text : {&views.outline, &views.envelope, &views.bodystructure, &views.preview}) {
    const std::size_t size = getLe<std::uint32_t>(packed, length);
    if (size > checked.size() - at) return corrupt();
    *text = checked.substr(at, size);
    at += size;
    length += 4;
  }
  if (at != checked.size()) return corrupt();
  return views;
}

Result<Digest> unpackDigest(View packed, std::uint64_t size) {
  PH_TRY(const PackedViews views, viewDigest(packed));
  Digest digest;
  PH_TRY(digest.outline, unpackOutline(views.outline, size));
  digest.envelope = views.envelope;
  digest.bodystructure = views.bodystructure;
  digest.preview = views.preview;
  digest.sent = views.sent;
  digest.hasAttachment = views.hasAttachment;
  return digest;
}

}  // namespace posthorn::mime
