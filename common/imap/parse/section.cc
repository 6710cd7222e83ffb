// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/section.h"

#include "common/base/ascii.h"
#include "common/imap/types/names.h"

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
  const auto text = kSectionNames.find(name);
  if (!text || (*text == Section::Text::Mime && section.part.empty()))
    return Scanner::invalid("Unknown section");
  section.text = *text;
  const bool fields = *text == Section::Text::HeaderFields || *text == Section::Text::HeaderFieldsNot;
  return fields ? parseFields(in, section) : okStatus();
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
