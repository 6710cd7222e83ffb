// SPDX-License-Identifier: Apache-2.0
#include "common/base/ascii.h"
#include "common/imap/parse/responses.h"
#include "common/imap/parse/section.h"
#include "common/imap/parse/values.h"
#include "common/imap/types/names.h"

namespace posthorn::imap::responses {
namespace {

using Kind = FetchAttribute::Kind;

/// (M6d99ac3275bb4e) or NIL
Result<std::optional<std::string>> objectId(Scanner& in) {
  if (in.takeWord("NIL")) return std::optional<std::string>();
  PH_CHECK(in.expect('('));
  PH_TRY(const View id, in.atom());
  PH_CHECK(in.expect(')'));
  return std::optional<std::string>(id);
}

Status dateOrNil(Scanner& in, FetchItem& item) {
  item.nil = in.takeWord("NIL");
  if (item.nil) return okStatus();
  PH_TRY(item.date, parseDateTime(in));
  return okStatus();
}

Status modseq(Scanner& in, FetchItem& item) {
  PH_CHECK(in.expect('('));
  PH_TRY(item.number, in.number64());
  return in.expect(')');
}

Status contents(Scanner& in, FetchItem& item) {
  switch (item.attribute.kind) {
    case Kind::Modseq:
      return modseq(in, item);
    case Kind::InternalDate:
    case Kind::SaveDate:
      return dateOrNil(in, item);
    case Kind::Uid:
    case Kind::Rfc822Size:
    case Kind::BinarySize: {
      PH_TRY(item.number, in.number64());
      return okStatus();
    }
    case Kind::Flags: {
      PH_TRY(item.flags, wordList(in));
      return okStatus();
    }
    case Kind::Envelope:
    case Kind::Body:
    case Kind::BodyStructure: {
      PH_TRY(item.value, value(in));
      return okStatus();
    }
    case Kind::EmailId:
    case Kind::ThreadId: {
      PH_TRY(item.text, objectId(in));
      return okStatus();
    }
    default: {
      PH_TRY(item.text, octets(in));
      return okStatus();
    }
  }
}

/// BODY[1]<5>: the name with what stands in brackets.
Status label(Scanner& in, FetchAttribute& attribute) {
  PH_TRY(const View name, in.name());
  const auto kind = kFetchNames.find(name);
  if (!kind) return Scanner::invalid("Unknown data item");
  attribute.kind = *kind;
  const bool binary = *kind == Kind::Binary || *kind == Kind::BinarySize;
  if (*kind == Kind::Body && in.peek() == '[') {
    attribute.kind = Kind::BodySection;
    PH_TRY(attribute.section, parseSection(in));
  } else if (binary) {
    PH_TRY(attribute.section, parseBinarySection(in));
  }
  if (!in.take('<')) return okStatus();
  Partial partial;
  PH_TRY(partial.offset, in.number64());
  attribute.partial = partial;
  return in.expect('>');
}

}  // namespace

Result<std::optional<std::string>> octets(Scanner& in) {
  // Servers send NUL in bodies, which a literal must not hold: a client takes what comes.
  if (in.peek() == '~' || in.peek() == '{') {
    PH_TRY(const View found, in.literalOctets());
    return std::optional<std::string>(found);
  }
  return in.nstring();
}

Result<std::vector<FetchItem>> fetchItems(Scanner& in) {
  std::vector<FetchItem> items;
  PH_CHECK(in.expect('('));
  if (in.take(')')) return items;
  do {
    if (items.size() == kMaxAttributes) return Scanner::tooMuch("Too many data items");
    FetchItem item;
    PH_CHECK(label(in, item.attribute));
    PH_CHECK(in.space());
    PH_CHECK(contents(in, item));
    items.push_back(std::move(item));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return items;
}

Result<Response> fetch(Scanner& in, std::uint32_t number) {
  FetchData data;
  data.number = number;
  PH_TRY(data.items, fetchItems(in));
  return Response(std::move(data));
}

namespace {

class ValueReader {
 public:
  explicit ValueReader(Scanner& in) : in_(in) {}

  Result<Value> read(std::size_t depth) {
    if (depth > kMaxValueDepth || ++count_ > kMaxValues) return Scanner::tooMuch("Value too deep");
    Value found;
    if (in_.take('(')) {
      found.kind = Value::Kind::List;
      PH_CHECK(items(found, depth));
    } else if (ascii::isDigit(in_.peek())) {
      found.kind = Value::Kind::Number;
      PH_TRY(found.number, in_.number64());
    } else {
      PH_TRY(auto text, in_.nstring());
      if (text) {
        found.kind = Value::Kind::Text;
        found.text = *std::move(text);
      }
    }
    return found;
  }

 private:
  /// After the parenthesis; lists may follow each other without blanks.
  Status items(Value& list, std::size_t depth) {
    while (!in_.take(')')) {
      PH_TRY(Value item, read(depth + 1));
      list.items.push_back(std::move(item));
      in_.skipBlanks();
      if (in_.atEnd()) return in_.expect(')');
    }
    return okStatus();
  }

  Scanner& in_;
  std::size_t count_ = 0;
};

}  // namespace

Result<Value> value(Scanner& in) {
  return ValueReader(in).read(0);
}

}  // namespace posthorn::imap::responses
