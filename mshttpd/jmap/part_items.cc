// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/part_items.h"

#include <algorithm>

namespace posthorn::mshttpd::jmap {

using Kind = imap::FetchAttribute::Kind;
using SectionText = imap::Section::Text;

const imap::FetchItem* findItem(const std::vector<imap::FetchItem>& items, Kind kind) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const imap::FetchItem& item) { return item.attribute.kind == kind; });
  return found != items.end() ? &*found : nullptr;
}

const imap::FetchItem* findItem(const std::vector<imap::FetchItem>& items,
                                const imap::FetchAttribute& wanted) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const imap::FetchItem& item) {
    return item.attribute.kind == wanted.kind && item.attribute.section.part == wanted.section.part &&
           item.attribute.section.text == wanted.section.text;
  });
  return found != items.end() ? &*found : nullptr;
}

imap::FetchAttribute partItem(Kind kind, const PartNumber& part, SectionText text) {
  imap::FetchAttribute out;
  out.kind = kind;
  out.peek = kind != Kind::BinarySize;
  out.section.part = part;
  out.section.text = text;
  return out;
}

bool encoded(const BodyPart& part) {
  return part.octets > 0 &&
         (part.encoding == mime::Encoding::Base64 || part.encoding == mime::Encoding::QuotedPrintable);
}

imap::FetchAttribute headerOf(const BodyPart& part, const BodyPart& root) {
  return &part == &root ? partItem(Kind::BodySection, {}, SectionText::Header)
                        : partItem(Kind::BodySection, part.number, SectionText::Mime);
}

imap::FetchAttribute valueOf(const BodyPart& part) {
  return partItem(part.encoding == mime::Encoding::Unknown ? Kind::BodySection : Kind::Binary, part.number);
}

}  // namespace posthorn::mshttpd::jmap
