// SPDX-License-Identifier: Apache-2.0
#include "common/mime/bodystructure.h"

#include "common/base/ascii.h"
#include "common/mime/header.h"
#include "common/mime/limits.h"
#include "common/mime/wire.h"
#include "common/mime/wire_reader.h"

namespace posthorn::mime {

namespace {

// RFC 2045 5.2 and 6.1: what holds when nothing is said.
constexpr View kDefaultCharset = "us-ascii";
constexpr View kDefaultEncoding = "7bit";

class Printer {
 public:
  Printer(const Structure& structure, Dialect dialect, Bytes& out)
      : structure_(structure), dialect_(dialect), out_(out) {}

  void entity(std::size_t part) {
    out_.push_back('(');
    if (structure_.outline[part].kind == PartKind::Multipart) {
      multipart(part);
    } else {
      single(part);
    }
    out_.push_back(')');
  }

 private:
  [[nodiscard]] const PartNode& node(std::size_t part) const { return structure_.outline[part]; }
  [[nodiscard]] const PartHead& head(std::size_t part) const { return structure_.heads[part]; }

  void multipart(std::size_t part) {
    if (node(part).firstChild == kNoPart) {
      // The grammar wants at least one: an empty text, as most servers say.
      out_.append(R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))");
    }
    for (std::uint32_t child = node(part).firstChild; child != kNoPart; child = node(child).nextSibling)
      entity(child);
    out_.push_back(' ');
    putString(out_, head(part).type ? View(head(part).type->subtype) : View("mixed"));
    out_.push_back(' ');
    parameters(head(part).type ? head(part).type->parameters : Parameters{}, false);
    common(part);
  }

  void single(std::size_t part) {
    const PartHead& fields = head(part);
    const bool message = node(part).kind == PartKind::Message;
    type(fields);
    out_.push_back(' ');
    putNstring(out_, fields.id);
    out_.push_back(' ');
    putNstring(out_, fields.description);
    out_.push_back(' ');
    putString(out_, fields.encoding ? View(*fields.encoding) : kDefaultEncoding);
    out_.push_back(' ');
    putNumber(out_, node(part).bodySize());
    if (message && (dialect_ == Dialect::Rev2 || !node(part).global)) {
      const std::uint32_t inner = node(part).firstChild;
      out_.append(" ").append(head(inner).envelope).append(" ");
      entity(inner);
      lines(part);
    } else if (node(part).text) {
      lines(part);
    }
    out_.push_back(' ');
    putNstring(out_, fields.md5);
    common(part);
  }

  void type(const PartHead& fields) {
    if (fields.type) {
      // What the grammar spells out is spelled one way, for clients that compare octets.
      const bool message = fields.type->is("message", "rfc822");
      putString(out_, message ? View("message") : View(fields.type->type));
      out_.push_back(' ');
      putString(out_, message ? View("rfc822") : View(fields.type->subtype));
      out_.push_back(' ');
      parameters(fields.type->parameters, fields.type->is("text"));
    } else if (fields.digestChild) {
      out_.append(R"("message" "rfc822" NIL)");
    } else {
      out_.append(R"("text" "plain" ("charset" "us-ascii"))");
    }
  }

  void lines(std::size_t part) {
    out_.push_back(' ');
    putNumber(out_, node(part).bodyLines);
  }

  /// Disposition, languages, location: the end of both kinds.
  void common(std::size_t part) {
    const PartHead& fields = head(part);
    out_.push_back(' ');
    if (fields.disposition) {
      out_.push_back('(');
      putString(out_, fields.disposition->type);
      out_.push_back(' ');
      parameters(fields.disposition->parameters, false);
      out_.push_back(')');
    } else {
      out_.append("NIL");
    }
    out_.push_back(' ');
    languages(fields.languages);
    out_.push_back(' ');
    putNstring(out_, fields.location);
  }

  void languages(const std::vector<Bytes>& tags) {
    if (tags.empty()) {
      out_.append("NIL");
      return;
    }
    char before = '(';
    for (const Bytes& tag : tags) {
      out_.push_back(before);
      putString(out_, tag);
      before = ' ';
    }
    out_.push_back(')');
  }

  void parameters(const Parameters& list, bool addCharset) {
    const bool charset = addCharset && !rawParameter(list, "charset") && !rawParameter(list, "charset*");
    if (list.empty() && !charset) {
      out_.append("NIL");
      return;
    }
    char before = '(';
    for (const Parameter& parameter : list) {
      out_.push_back(before);
      putString(out_, parameter.name);
      out_.push_back(' ');
      putString(out_, parameter.value);
      before = ' ';
    }
    if (charset) {
      out_.push_back(before);
      out_.append("\"charset\" ");
      putString(out_, kDefaultCharset);
    }
    out_.push_back(')');
  }

  const Structure& structure_;
  Dialect dialect_;
  Bytes& out_;
};

/// Copies a BODYSTRUCTURE without its extension data.
class Stripper {
 public:
  Stripper(View wire, Bytes& out) : reader_(wire), out_(out) {}

  bool run() {
    body(0);
    return !reader_.failed() && reader_.atEnd();
  }

 private:
  void body(std::size_t depth) {
    // A message costs two levels of text for one of the tree.
    if (depth > kMaxDepth + 1) {
      reader_.expect('\0');
      return;
    }
    copy('(');
    if (reader_.peek() == '(') {
      while (reader_.peek() == '(' && !reader_.failed()) body(depth + 1);
      copy(' ');
      value();
    } else {
      single(depth);
    }
    while (reader_.take(' ')) reader_.skipValue();
    copy(')');
  }

  void single(std::size_t depth) {
    const std::size_t start = reader_.position();
    const Bytes type = reader_.nstring().value_or("");
    out_.append(reader_.since(start));
    for (int i = 0; i < 6; ++i) {  // subtype, parameters, id, description, encoding, octets
      copy(' ');
      value();
    }
    if (ascii::equal(type, "text")) {
      copy(' ');
      value();
    } else if (ascii::equal(type, "message")) {
      message(depth);
    }
  }

  /// What may follow of a message: an envelope, which no MD5 looks like, body and lines.
  void message(std::size_t depth) {
    const std::size_t start = reader_.position();
    if (!reader_.take(' ')) return;
    if (reader_.peek() != '(') {
      reader_.skipValue();  // the MD5 of a message without structure
      return;
    }
    out_.append(reader_.since(start));
    value();
    copy(' ');
    body(depth + 1);
    copy(' ');
    value();
  }

  void copy(char c) {
    reader_.expect(c);
    out_.push_back(c);
  }
  void value() {
    const std::size_t start = reader_.position();
    reader_.skipValue();
    out_.append(reader_.since(start));
  }

  WireReader reader_;
  Bytes& out_;
};

}  // namespace

Bytes printBodystructure(const Structure& structure, Dialect dialect) {
  Bytes out;
  Printer(structure, dialect, out).entity(0);
  return out;
}

Result<Bytes> bodyOfBodystructure(View wire) {
  Bytes out;
  if (!Stripper(wire, out).run()) return makeError(Errc::Corrupt, "this is no cached BODYSTRUCTURE");
  return out;
}

}  // namespace posthorn::mime
