// SPDX-License-Identifier: Apache-2.0
#include "common/mime/parameters.h"

#include "common/base/ascii.h"
#include "common/mime/continuations.h"
#include "common/mime/lexer.h"
#include "common/mime/limits.h"
#include "common/mime/words.h"

namespace posthorn::mime {

namespace {

/// A value as senders write it: "=", "/", "?" and the like unquoted, too.
Bytes looseValue(Lexer& lexer) {
  Bytes value;
  if (lexer.quotedString(value)) return value;
  value = lexer.until("; \t\r\n\"(");
  if (!value.empty() && value.back() == ',') value.pop_back();
  return value;
}

Parameters parseParameters(Lexer& lexer) {
  Parameters parameters;
  while (!lexer.atEnd() && parameters.size() < kMaxParameters) {
    lexer.skipBlanks();
    if (lexer.take(';')) continue;
    const View name = lexer.mimeToken();
    lexer.skipBlanks();
    if (name.empty() || !lexer.take('=')) {
      if (name.empty()) lexer.advance(1);  // an octet that begins nothing
      lexer.until(";");
      continue;
    }
    lexer.skipBlanks();
    parameters.push_back({Bytes(name), looseValue(lexer)});
  }
  joinContinuations(parameters);
  return parameters;
}

}  // namespace

std::optional<View> rawParameter(const Parameters& parameters, View name) {
  for (const Parameter& parameter : parameters) {
    if (ascii::equal(parameter.name, name)) return View(parameter.value);
  }
  return std::nullopt;
}

std::optional<Bytes> decodedParameter(const Parameters& parameters, View name) {
  if (const auto extended = rawParameter(parameters, Bytes(name) + "*")) return decodeExtended(*extended);
  if (const auto plain = rawParameter(parameters, name)) return decodeHeader(*plain);
  return std::nullopt;
}

bool ContentType::is(View wantedType, View wantedSubtype) const {
  return ascii::equal(type, wantedType) && (wantedSubtype.empty() || ascii::equal(subtype, wantedSubtype));
}

std::optional<ContentType> parseContentType(View value) {
  Lexer lexer(value);
  ContentType type;
  lexer.skipBlanks();
  type.type = lexer.mimeToken();
  lexer.skipBlanks();
  if (type.type.empty() || !lexer.take('/')) return std::nullopt;
  lexer.skipBlanks();
  type.subtype = lexer.mimeToken();
  if (type.subtype.empty()) return std::nullopt;
  type.parameters = parseParameters(lexer);
  return type;
}

std::optional<Disposition> parseDisposition(View value) {
  Lexer lexer(value);
  Disposition disposition;
  lexer.skipBlanks();
  disposition.type = lexer.mimeToken();
  if (disposition.type.empty()) return std::nullopt;
  disposition.parameters = parseParameters(lexer);
  return disposition;
}

std::vector<Bytes> parseLanguages(View value) {
  Lexer lexer(value);
  std::vector<Bytes> languages;
  while (!lexer.atEnd() && languages.size() < kMaxParameters) {
    lexer.skipBlanks();
    const View tag = lexer.mimeToken();
    if (!tag.empty()) languages.emplace_back(tag);
    lexer.skipBlanks();
    if (!lexer.take(',')) break;
  }
  return languages;
}

std::optional<Bytes> parseEncodingName(View value) {
  Lexer lexer(value);
  lexer.skipBlanks();
  const View token = lexer.mimeToken();
  lexer.skipBlanks();
  // "base64;" is seen in the wild; of anything else behind it nobody knows what was meant.
  if (token.empty() || (!lexer.atEnd() && lexer.peek() != ';')) return std::nullopt;
  return Bytes(token);
}

}  // namespace posthorn::mime
