// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/section.h"

#include "common/base/ascii.h"

namespace posthorn::imap {
namespace {

/// 1.2.3; whether a "." follows it, which is taken.
Result<bool> parsePart(Scanner& in, Section& section) {
  while (ascii::isDigit(in.peek())) {
    if (section.part.size() == kMaxPartDepth) return Scanner::tooMuch("Section too deep");
    PH_TRY(const std::uint32_t number, in.nzNumber());
    section.part.push_back(number);
    if (!in.take('.')) return false;
  }
  return true;
}

Status parseFields(Scanner& in, Section& section) {
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  do {
    if (section.fields.size() == kMaxHeaderFields) return Scanner::tooMuch("Too many header fields");
    PH_TRY(std::string field, in.astring());
    section.fields.push_back(std::move(field));
  } while (in.take(' '));
  return in.expect(')');
}

Status parseText(Scanner& in, Section& section) {
  PH_TRY(const View name, in.name());
  if (ascii::equal(name, "HEADER")) {
    section.text = Section::Text::Header;
  } else if (ascii::equal(name, "TEXT")) {
    section.text = Section::Text::Text;
  } else if (ascii::equal(name, "MIME") && !section.part.empty()) {
    section.text = Section::Text::Mime;
  } else if (ascii::equal(name, "HEADER.FIELDS")) {
    section.text = Section::Text::HeaderFields;
    return parseFields(in, section);
  } else if (ascii::equal(name, "HEADER.FIELDS.NOT")) {
    section.text = Section::Text::HeaderFieldsNot;
    return parseFields(in, section);
  } else {
    return Scanner::invalid("Unknown section");
  }
  return okStatus();
}

}  // namespace

Result<Section> parseSection(Scanner& in) {
  Section section;
  PH_CHECK(in.expect('['));
  if (in.take(']')) return section;
  PH_TRY(const bool more, parsePart(in, section));
  if (more) PH_CHECK(parseText(in, section));
  PH_CHECK(in.expect(']'));
  return section;
}

Result<Section> parseBinarySection(Scanner& in) {
  Section section;
  PH_CHECK(in.expect('['));
  if (in.take(']')) return section;
  PH_TRY(const bool more, parsePart(in, section));
  if (more) return Scanner::invalid("Not a section part");
  PH_CHECK(in.expect(']'));
  return section;
}

}  // namespace posthorn::imap
