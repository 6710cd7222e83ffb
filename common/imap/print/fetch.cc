// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/fetch.h"

#include "common/imap/types/names.h"

namespace posthorn::imap {
namespace {

using Kind = FetchAttribute::Kind;
using Text = Section::Text;

bool hasSection(Kind kind) {
  return kind == Kind::BodySection || kind == Kind::Binary || kind == Kind::BinarySize;
}

void putSection(std::string& out, const Section& section, PrintOptions options) {
  out.push_back('[');
  for (std::size_t i = 0; i < section.part.size(); ++i) {
    if (i > 0) out.push_back('.');
    putNumber(out, section.part[i]);
  }
  if (section.text != Text::Whole) {
    if (!section.part.empty()) out.push_back('.');
    out.append(kSectionNames.of(section.text));
  }
  if (section.text == Text::HeaderFields || section.text == Text::HeaderFieldsNot) {
    out.push_back(' ');
    ListWriter list(out);
    for (const std::string& field : section.fields) putAstring(list.next(), field, options);
    list.end();
  }
  out.push_back(']');
}

}  // namespace

void putFetchLabel(std::string& out, const FetchAttribute& attribute, PrintOptions options) {
  out.append(kFetchNames.of(attribute.kind));
  if (hasSection(attribute.kind)) putSection(out, attribute.section, options);
  if (!attribute.partial) return;
  out.push_back('<');
  putNumber(out, attribute.partial->offset);
  out.push_back('>');
}

void putFetchAttribute(std::string& out, const FetchAttribute& attribute, PrintOptions options) {
  out.append(kFetchNames.of(attribute.kind));
  if (attribute.peek) out.append(".PEEK");
  if (hasSection(attribute.kind)) putSection(out, attribute.section, options);
  if (attribute.lazy) out.append(" (LAZY)");
  if (!attribute.partial) return;
  out.push_back('<');
  putNumber(out, attribute.partial->offset);
  out.push_back('.');
  putNumber(out, attribute.partial->octets);
  out.push_back('>');
}

FetchWriter::FetchWriter(std::string& out, std::uint32_t number) : out_(out) {
  out_.append("* ");
  putNumber(out_, number);
  out_.append(" FETCH (");
}

FetchWriter::FetchWriter(std::string& out, View head) : out_(out) {
  out_.append(head).push_back('(');
}

std::string& FetchWriter::item() {
  if (!first_) out_.push_back(' ');
  first_ = false;
  return out_;
}

void FetchWriter::number(View label, std::uint64_t value) {
  item().append(label).push_back(' ');
  putNumber(out_, value);
}

void FetchWriter::modseq(std::uint64_t value) {
  item().append("MODSEQ (");
  putNumber(out_, value);
  out_.push_back(')');
}

void FetchWriter::id(View label, View value) {
  item().append(label).append(" (").append(value).push_back(')');
}

void FetchWriter::flags(const Flags& flags) {
  item().append("FLAGS ");
  putFlags(out_, flags);
}

void FetchWriter::date(View label, const DateTime& value) {
  item().append(label).push_back(' ');
  putDateTime(out_, value);
}

void FetchWriter::wire(View label, View value) {
  item().append(label).append(" ").append(value);
}

void FetchWriter::text(const FetchAttribute& attribute, const std::optional<std::string>& value,
                       PrintOptions options) {
  putFetchLabel(item(), attribute, options);
  out_.push_back(' ');
  putNstring(out_, value, options);
}

void FetchWriter::literal(const FetchAttribute& attribute, std::uint64_t octets, bool binary) {
  putFetchLabel(item(), attribute);
  out_.append(binary ? " ~" : " ");
  putLiteralMark(out_, octets);
}

void FetchWriter::nil(const FetchAttribute& attribute) {
  putFetchLabel(item(), attribute);
  out_.append(" NIL");
}

void FetchWriter::size(const FetchAttribute& attribute, std::uint64_t octets) {
  putFetchLabel(item(), attribute);
  out_.push_back(' ');
  putNumber(out_, octets);
}

void FetchWriter::end() {
  out_.append(")\r\n");
}

}  // namespace posthorn::imap
