// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/fetch_data.h"

#include "common/imap/print/fetch.h"

namespace posthorn::imap {
namespace {

using Kind = FetchAttribute::Kind;

void putWords(std::string& out, const std::vector<std::string>& words) {
  ListWriter list(out);
  for (const std::string& word : words) list.word(word);
  list.end();
}

void putDateOrNil(std::string& out, const FetchItem& item) {
  if (item.nil) {
    out.append("NIL");
  } else {
    putDateTime(out, item.date);
  }
}

void putItem(std::string& out, const FetchItem& item, PrintOptions options) {
  putFetchLabel(out, item.attribute, options);
  out.push_back(' ');
  switch (item.attribute.kind) {
    case Kind::Uid:
    case Kind::Rfc822Size:
    case Kind::BinarySize:
      return putNumber(out, item.number);
    case Kind::Modseq:
      out.push_back('(');
      putNumber(out, item.number);
      return out.push_back(')');
    case Kind::Flags:
      return putWords(out, item.flags);
    case Kind::InternalDate:
    case Kind::SaveDate:
      return putDateOrNil(out, item);
    case Kind::Envelope:
    case Kind::Body:
    case Kind::BodyStructure:
      return putValue(out, item.value, options);
    case Kind::EmailId:
    case Kind::ThreadId:
      if (!item.text) {
        out.append("NIL");
      } else {
        out.append("(").append(*item.text).append(")");
      }
      return;
    default:
      return item.attribute.kind == Kind::Binary ? putOctets(out, item.text, options)
                                                 : putNstring(out, item.text, options);
  }
}

/// Lists at the beginning follow each other without blanks: addresses, and the parts of a multipart.
void putItems(std::string& out, const std::vector<Value>& items, PrintOptions options) {
  out.push_back('(');
  bool leading = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    leading = leading && items[i].kind == Value::Kind::List;
    if (i > 0 && !leading) out.push_back(' ');
    putValue(out, items[i], options);
  }
  out.push_back(')');
}

}  // namespace

void putValue(std::string& out, const Value& value, PrintOptions options) {
  switch (value.kind) {
    case Value::Kind::Nil:
      out.append("NIL");
      return;
    case Value::Kind::Text:
      return putString(out, value.text, options);
    case Value::Kind::Number:
      return putNumber(out, value.number);
    case Value::Kind::List:
      return putItems(out, value.items, options);
  }
}

void putFetchData(std::string& out, const FetchData& data, PrintOptions options) {
  out.append("* ");
  putNumber(out, data.number);
  out.append(" FETCH ");
  putFetchItems(out, data.items, options);
  out.append("\r\n");
}

void putFetchItems(std::string& out, const std::vector<FetchItem>& items, PrintOptions options) {
  ListWriter list(out);
  for (const FetchItem& item : items) putItem(list.next(), item, options);
  list.end();
}

}  // namespace posthorn::imap
