// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/base/ascii.h"
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/jmap.h"
#include "common/imap/parse/section.h"
#include "common/imap/parse/values.h"
#include "common/imap/types/names.h"

namespace posthorn::imap::commands {
namespace {

using Kind = FetchAttribute::Kind;

/// <0.100>
Status partial(Scanner& in, FetchAttribute& attribute) {
  if (!in.take('<')) return okStatus();
  Partial range;
  PH_TRY(range.offset, in.number64());
  PH_CHECK(in.expect('.'));
  PH_TRY(range.octets, in.number64());
  if (range.octets == 0) return Scanner::invalid("Empty partial");
  PH_CHECK(in.expect('>'));
  attribute.partial = range;
  return okStatus();
}

/// BODY[...], BINARY[...] and their like, from the bracket on.
Result<FetchAttribute> bracketed(Scanner& in, View name) {
  FetchAttribute attribute;
  attribute.peek = ascii::equal(name, "BODY.PEEK") || ascii::equal(name, "BINARY.PEEK");
  if (attribute.peek || ascii::equal(name, "BODY") || ascii::equal(name, "BINARY")) {
    const bool body = ascii::startsWith(name, "BODY");
    attribute.kind = body ? Kind::BodySection : Kind::Binary;
    PH_TRY(attribute.section, body ? parseSection(in) : parseBinarySection(in));
    PH_CHECK(partial(in, attribute));
    return attribute;
  }
  if (!ascii::equal(name, "BINARY.SIZE")) return Scanner::invalid("Unknown data item");
  attribute.kind = Kind::BinarySize;
  PH_TRY(attribute.section, parseBinarySection(in));
  return attribute;
}

/// PREVIEW (LAZY): the modifiers, if there are any.
Status previewModifiers(Scanner& in, FetchAttribute& attribute) {
  if (!ascii::startsWith(in.rest(), " (")) return okStatus();
  in.take(' ');
  in.take('(');
  if (!in.takeWord("LAZY")) return Scanner::invalid("Unknown modifier");
  attribute.lazy = true;
  return in.expect(')');
}

Result<FetchAttribute> attributeOf(Scanner& in, View name) {
  if (in.peek() == '[') return bracketed(in, name);
  const auto kind = kFetchNames.find(name);
  if (!kind || *kind == Kind::Binary || *kind == Kind::BinarySize)
    return Scanner::invalid("Unknown data item");
  FetchAttribute attribute;
  attribute.kind = *kind;
  if (*kind == Kind::Preview) PH_CHECK(previewModifiers(in, attribute));
  return attribute;
}

/// (FLAGS UID), after the parenthesis. Clients leave blanks at its ends and between.
Status attributeList(Scanner& in, std::vector<FetchAttribute>& attributes) {
  in.skipBlanks();
  do {
    if (attributes.size() == kMaxAttributes) return Scanner::tooMuch("Too many data items");
    PH_TRY(const View name, in.name());
    PH_TRY(FetchAttribute attribute, attributeOf(in, name));
    attributes.push_back(std::move(attribute));
    if (in.peek() != ' ') break;
    in.skipBlanks();
  } while (in.peek() != ')');
  return in.expect(')');
}

/// ALL, FAST and FULL.
bool macro(View name, FetchArgs& args) {
  constexpr std::array<Kind, 5> kItems{Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope,
                                       Kind::Body};
  const std::size_t count = ascii::equal(name, "FAST")   ? 3
                            : ascii::equal(name, "ALL")  ? 4
                            : ascii::equal(name, "FULL") ? 5
                                                         : 0;
  for (std::size_t i = 0; i < count; ++i) {
    args.attributes.emplace_back();
    args.attributes.back().kind = kItems[i];
  }
  return count > 0;
}

Status attributes(Scanner& in, FetchArgs& args) {
  if (in.take('(')) return attributeList(in, args.attributes);
  PH_TRY(const View name, in.name());
  if (macro(name, args)) return okStatus();
  PH_TRY(FetchAttribute attribute, attributeOf(in, name));
  args.attributes.push_back(std::move(attribute));
  return okStatus();
}

/// (CHANGEDSINCE 5 VANISHED), after the parenthesis.
Status modifiers(Scanner& in, UidForm uid, FetchArgs& args) {
  do {
    if (in.takeWord("CHANGEDSINCE")) {
      PH_CHECK(in.space());
      PH_TRY(args.changedSince, in.number64());
    } else if (in.takeWord("VANISHED")) {
      args.vanished = true;
    } else {
      return Scanner::invalid("Unknown modifier");
    }
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  if (args.vanished && (uid == UidForm::No || !args.changedSince))
    return Scanner::invalid("VANISHED needs UID FETCH and CHANGEDSINCE");
  return okStatus();
}

}  // namespace

Result<Args> fetch(Scanner& in, UidForm uid) {
  FetchArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.set, parseSequenceSet(in));
  PH_CHECK(in.space());
  PH_CHECK(attributes(in, args));
  in.skipBlanks();
  if (in.take('(')) PH_CHECK(modifiers(in, uid, args));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands

namespace posthorn::imap {

Status parseFetchAttributes(Scanner& in, std::vector<FetchAttribute>& attributes) {
  return commands::attributeList(in, attributes);
}

}  // namespace posthorn::imap
