// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/compose.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "common/mime/encode.h"
#include "mshttpd/jmap/dates.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// Beyond the headers: what the other files read.
constexpr std::string_view kMetadata[] = {"mailboxIds", "keywords", "receivedAt"};
constexpr std::string_view kBody[] = {"bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"};
constexpr std::string_view kServerSet[] = {"id", "blobId", "threadId", "size", "hasAttachment", "preview"};

template <std::size_t Size>
bool among(const std::string_view (&names)[Size], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

const Json& valueOf(const Json& email, const char* name) {
  static const Json kNone;
  const auto found = email.find(name);
  return found != email.end() ? *found : kNone;
}

/// The text of one piece in windows.
backend::Source sourceOfPiece(const Piece& piece) {
  if (!piece.blob.file) return sourceOf(piece.text);
  if (piece.coding == Piece::Coding::Canonical) return canonical(piece.blob.source());
  if (piece.coding == Piece::Coding::Plain) return piece.blob.source();
  return filtered(piece.blob.source(), mime::Base64Lines());
}

/// One message on its way.
class Composer {
 public:
  Composer(const Json& email, const Composing& with, Problems problems)
      : email_(email),
        with_(with),
        problems_(std::move(problems)),
        reader_(valueOf(email, "bodyValues"), with.open, problems_) {}

  std::variant<Composed, Json> run() {
    readHeader();
    checkValues();
    WrittenPart body = readBody();
    checkAgainst(body);
    if (!problems_.none()) return problems_.setError();
    if (reader_.attached() > with_.maxAttachments)
      return tooLarge("The attachments are", with_.maxAttachments);
    Composed out = put(std::move(body));
    if (out.octets > with_.maxMessage) return tooLarge("The message is", with_.maxMessage);
    return out;
  }

 private:
  static Json tooLarge(std::string_view what, std::uint64_t most) {
    Json out = setError("tooLarge", std::string(what) + " larger than the " + std::to_string(most) +
                                        " octets that are allowed.");
    out["maxSize"] = most;
    return out;
  }

  void readHeader() {
    for (const auto& [key, value] : email_.items()) {
      if (among(kMetadata, key) || among(kBody, key)) continue;
      if (among(kServerSet, key)) {
        problems_.add(key, "is for the server to set");
      } else if (key == "headers") {
        problems_.add(key, "must not be given: each field is a property of its own");
      } else if (!header_.take(key, value, problems_)) {
        problems_.add(key.substr(0, 100), "is no property of an Email");
      } else if (const auto parsed = parseHeaderProperty(key);
                 parsed.ok() && parsed->has_value() && ascii::startsWith((**parsed).field, "Content-")) {
        problems_.add(key, "belongs to a body part");
      }
    }
  }

  void checkValues() {
    const Json& values = valueOf(email_, "bodyValues");
    if (values.is_null()) return;
    if (!values.is_object()) return problems_.add("bodyValues", "must be an object");
    for (const auto& [id, value] : values.items()) {
      if (!value.is_object() || !value.contains("value") || !value["value"].is_string())
        problems_.add("bodyValues", "needs a string as value of \"" + id.substr(0, 100) + "\"");
      else
        for (const auto& [key, flag] : value.items()) checkFlag(key, flag);
    }
  }
  void checkFlag(const std::string& key, const Json& flag) {
    if (key == "value") return;
    const bool known = key == "isEncodingProblem" || key == "isTruncated";
    if (!known)
      problems_.add("bodyValues", "has no \"" + key.substr(0, 100) + "\"");
    else if (!flag.is_null() && flag != false)
      problems_.add("bodyValues", "must not say " + key);
  }

  /// One part of a list that holds exactly one.
  std::optional<WrittenPart> readOnly(const char* property, std::string_view type) {
    const Json& list = valueOf(email_, property);
    if (list.is_null()) return std::nullopt;
    if (!list.is_array() || list.size() != 1) {
      problems_.add(property, "must hold exactly one part");
      return std::nullopt;
    }
    return reader_.read(list.front(), {property, type, {}, true});
  }

  std::vector<WrittenPart> readAttachments() {
    const Json& list = valueOf(email_, "attachments");
    std::vector<WrittenPart> out;
    if (list.is_null()) return out;
    if (!list.is_array())
      problems_.add("attachments", "must be a list");
    else
      for (const Json& part : list)
        out.push_back(reader_.read(part, {"attachments", {}, "attachment", true}));
    return out;
  }

  WrittenPart readBody() {
    const Json& structure = valueOf(email_, "bodyStructure");
    if (!structure.is_null()) {
      for (const char* other : {"textBody", "htmlBody", "attachments"})
        if (!valueOf(email_, other).is_null()) problems_.add(other, "must not stand beside bodyStructure");
      return reader_.read(structure, {"bodyStructure", {}, {}, false});
    }
    std::optional<WrittenPart> text = readOnly("textBody", "text/plain");
    std::optional<WrittenPart> html = readOnly("htmlBody", "text/html");
    std::vector<WrittenPart> attachments = readAttachments();
    if (!problems_.none()) return {};
    return arrange(std::move(text), std::move(html), std::move(attachments));
  }

  /// mixed(alternative(text, related(html, images)), files), as far as each is there.
  WrittenPart arrange(std::optional<WrittenPart> text, std::optional<WrittenPart> html,
                      std::vector<WrittenPart> attachments) {
    const auto embedded = [&](const WrittenPart& part) {
      return html.has_value() && part.hasCid && part.disposition == "inline";
    };
    const auto files = std::stable_partition(attachments.begin(), attachments.end(), embedded);
    std::vector<WrittenPart> mixed;
    if (html) {
      WrittenPart shown = std::move(*html);
      if (files != attachments.begin()) {
        std::vector<WrittenPart> related;
        related.push_back(std::move(shown));
        related.insert(related.end(), std::make_move_iterator(attachments.begin()),
                       std::make_move_iterator(files));
        shown = PartReader::join("related", std::move(related));
      }
      if (text) {
        std::vector<WrittenPart> both;
        both.push_back(std::move(*text));
        both.push_back(std::move(shown));
        shown = PartReader::join("alternative", std::move(both));
      }
      mixed.push_back(std::move(shown));
    } else if (text) {
      mixed.push_back(std::move(*text));
    }
    const bool onlyFiles = mixed.empty();
    mixed.insert(mixed.end(), std::make_move_iterator(files), std::make_move_iterator(attachments.end()));
    if (mixed.empty()) return emptyText();
    if (mixed.size() == 1 && !onlyFiles) return std::move(mixed.front());
    return PartReader::join("mixed", std::move(mixed));
  }

  static WrittenPart emptyText() {
    WrittenPart out;
    out.header = mime::foldField("Content-Type", "text/plain; charset=us-ascii");
    return out;
  }

  void checkAgainst(const WrittenPart& body) {
    for (const std::string& name : body.fieldNames)
      if (header_.has(name)) problems_.add("bodyStructure", "sets " + name + ", which the Email sets, too");
  }

  Composed put(WrittenPart body) {
    std::string head;
    const auto given = [&](std::string_view field) {
      return header_.has(field) || std::find(body.fieldNames.begin(), body.fieldNames.end(),
                                             ascii::toLower(field)) != body.fieldNames.end();
    };
    if (!given("Date")) head.append(mime::foldField("Date", mime::printDate({secondsOf(with_.now), 0})));
    if (!given("Message-ID"))
      head.append(mime::foldField("Message-ID", "<" + Id128::random().hex() + "@" + with_.domain + ">"));
    head.append(header_.text());
    if (!given("MIME-Version")) head.append(mime::foldField("MIME-Version", "1.0"));
    head.append(body.header).append("\r\n");
    Composed out;
    const std::uint64_t octets = head.size();
    out.pieces.push_back({std::move(head), {}, Piece::Coding::Plain, octets});
    out.pieces.insert(out.pieces.end(), std::make_move_iterator(body.body.begin()),
                      std::make_move_iterator(body.body.end()));
    for (const Piece& piece : out.pieces) out.octets += piece.octets;
    return out;
  }

  const Json& email_;
  const Composing& with_;
  Problems problems_;
  HeaderWriter header_;
  PartReader reader_;
};

}  // namespace

backend::Source Composed::source() const {
  std::vector<backend::Source> sources;
  sources.reserve(pieces.size());
  for (const Piece& piece : pieces) sources.push_back(sourceOfPiece(piece));
  return [sources = std::move(sources), at = std::size_t{0}]() mutable -> Result<Bytes> {
    for (; at < sources.size(); ++at) {
      PH_TRY(Bytes window, sources[at]());
      if (!window.empty()) return window;
    }
    return Bytes();
  };
}

std::variant<Composed, Json> compose(const Json& email, const Composing& with, Problems problems) {
  return Composer(email, with, std::move(problems)).run();
}

}  // namespace posthorn::mshttpd::jmap
