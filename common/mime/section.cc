// SPDX-License-Identifier: Apache-2.0
#include "common/mime/section.h"

#include <algorithm>

namespace posthorn::mime {

namespace {

std::optional<std::size_t> nthChild(const Outline& outline, std::size_t parent, std::uint32_t number) {
  std::uint32_t child = outline[parent].firstChild;
  while (child != kNoPart && number > 1) {
    child = outline[child].nextSibling;
    --number;
  }
  if (child == kNoPart || number == 0) return std::nullopt;
  return child;
}

/// Part `number` of the message `message`: its one part is the message's own body unless that is a multipart.
std::optional<std::size_t> partOfMessage(const Outline& outline, std::size_t message, std::uint32_t number) {
  if (outline[message].kind == PartKind::Multipart) return nthChild(outline, message, number);
  if (number == 1) return message;
  return std::nullopt;
}

/// BODYSTRUCTURE shows an empty text as the one part of a multipart that has none: it can be fetched, empty.
std::optional<SectionRange> absentPart(const Outline& outline, const Section& section) {
  const bool bodyOrMime = section.text == Section::Text::Whole || section.text == Section::Text::Mime;
  if (section.path.empty() || section.path.back() != 1 || !bodyOrMime) return std::nullopt;
  auto part = resolvePart(outline, {section.path.begin(), section.path.end() - 1});
  if (!part) return std::nullopt;
  if (outline[*part].kind == PartKind::Message && section.path.size() > 1) part = outline[*part].firstChild;
  const PartNode& node = outline[*part];
  if (node.kind != PartKind::Multipart || node.firstChild != kNoPart) return std::nullopt;
  return SectionRange{{node.end, 0}, false};
}

bool isMessage(const Outline& outline, std::size_t part) {
  const std::uint32_t parent = outline[part].parent;
  return parent == kNoPart || outline[parent].kind == PartKind::Message;
}

}  // namespace

std::optional<std::size_t> resolvePart(const Outline& outline, const std::vector<std::uint32_t>& path) {
  std::size_t at = 0;
  bool first = true;
  for (const std::uint32_t number : path) {
    std::optional<std::size_t> next;
    if (first) {
      next = partOfMessage(outline, 0, number);
    } else if (outline[at].kind == PartKind::Multipart) {
      next = nthChild(outline, at, number);
    } else if (outline[at].kind == PartKind::Message) {
      next = partOfMessage(outline, outline[at].firstChild, number);
    }
    if (!next) return std::nullopt;
    at = *next;
    first = false;
  }
  return at;
}

std::optional<SectionRange> resolve(const Outline& outline, const Section& section) {
  const auto part = resolvePart(outline, section.path);
  if (!part) return absentPart(outline, section);
  const PartNode& node = outline[*part];
  if (section.text == Section::Text::Whole) {
    if (section.path.empty()) return SectionRange{{0, node.end}, false};
    return SectionRange{bodyRange(node), false};
  }
  if (section.text == Section::Text::Mime) {
    if (section.path.empty()) return std::nullopt;
    return SectionRange{headerRange(node), false};
  }
  // The rest is about a message: this one, or the one that the part is.
  if (!section.path.empty() && node.kind != PartKind::Message) return std::nullopt;
  const PartNode& message = section.path.empty() ? node : outline[node.firstChild];
  if (section.text == Section::Text::Text) return SectionRange{bodyRange(message), false};
  return SectionRange{headerRange(message), section.text != Section::Text::Header};
}

std::vector<std::uint32_t> partNumber(const Outline& outline, std::size_t part) {
  std::vector<std::uint32_t> path;
  while (true) {
    const PartNode& node = outline[part];
    if (isMessage(outline, part)) {
      // A multipart shares the number of the message part around it; any other body is that message's part 1.
      if (node.kind != PartKind::Multipart) path.push_back(1);
      if (node.parent == kNoPart) break;
    } else {
      std::uint32_t number = 1;
      for (std::uint32_t child = outline[node.parent].firstChild; child != part;
           child = outline[child].nextSibling)
        ++number;
      path.push_back(number);
    }
    part = node.parent;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Range partial(Range range, std::uint64_t offset, std::uint64_t count) {
  const std::uint64_t skipped = std::min(offset, range.length);
  return {range.offset + skipped, std::min(count, range.length - skipped)};
}

View partial(View text, std::uint64_t offset, std::uint64_t count) {
  const Range range = partial(Range{0, text.size()}, offset, count);
  return text.substr(static_cast<std::size_t>(range.offset), static_cast<std::size_t>(range.length));
}

HeaderFilter filterOf(const Section& section) {
  return {section.fields,
          section.text == Section::Text::HeaderFieldsNot ? FieldChoice::Not : FieldChoice::Only};
}

}  // namespace posthorn::mime
