// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/email_body.h"

#include <utility>

#include "common/base/ascii.h"
#include "common/mime/parameters.h"
#include "common/mime/words.h"

namespace posthorn::mshttpd::jmap {
namespace {

using imap::Value;
using Kind = Value::Kind;

const Value kNil;

const Value& at(const Value& list, std::size_t index) {
  return index < list.items.size() ? list.items[index] : kNil;
}

std::optional<std::string> textOf(const Value& value) {
  if (value.kind != Kind::Text) return std::nullopt;
  return value.text;
}

mime::Parameters parametersOf(const Value& value) {
  mime::Parameters out;
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
    out.push_back({value.items[i].text, value.items[i + 1].text});
  return out;
}

mime::Encoding encodingOf(const Value& value) {
  const std::string& name = value.text;
  if (value.kind != Kind::Text || ascii::equal(name, "7bit") || ascii::equal(name, "8bit") ||
      ascii::equal(name, "binary"))
    return mime::Encoding::Identity;
  if (ascii::equal(name, "base64")) return mime::Encoding::Base64;
  if (ascii::equal(name, "quoted-printable")) return mime::Encoding::QuotedPrintable;
  return mime::Encoding::Unknown;
}

std::optional<std::string> withoutBrackets(const Value& value) {
  if (value.kind != Kind::Text) return std::nullopt;
  const std::string_view text = ascii::trim(value.text);
  const std::size_t open = text.find('<');
  const std::size_t close = open == std::string_view::npos ? open : text.find('>', open);
  if (close == std::string_view::npos) return std::string(text);
  return std::string(text.substr(open + 1, close - open - 1));
}

std::optional<std::vector<std::string>> languagesOf(const Value& value) {
  if (value.kind == Kind::Text) return std::vector<std::string>{value.text};
  if (value.kind != Kind::List || value.items.empty()) return std::nullopt;
  std::vector<std::string> out;
  for (const Value& item : value.items) {
    if (item.kind == Kind::Text) out.push_back(item.text);
  }
  return out;
}

/// Disposition, language, location stand behind each other from `index` on.
void readExtension(const Value& list, std::size_t index, BodyPart& part, const mime::Parameters& ofType) {
  const Value& disposition = at(list, index);
  mime::Parameters ofDisposition;
  if (disposition.kind == Kind::List && at(disposition, 0).kind == Kind::Text) {
    part.disposition = ascii::toLower(at(disposition, 0).text);
    ofDisposition = parametersOf(at(disposition, 1));
  }
  part.name = mime::decodedParameter(ofDisposition, "filename");
  if (!part.name) part.name = mime::decodedParameter(ofType, "name");
  part.language = languagesOf(at(list, index + 1));
  part.location = textOf(at(list, index + 2));
}

Result<BodyPart> readPart(const Value& value, PartNumber number, bool root);

Result<BodyPart> readMultipart(const Value& value, PartNumber number) {
  BodyPart part;
  std::size_t index = 0;
  for (; at(value, index).kind == Kind::List; ++index) {
    PartNumber inner = number;
    inner.push_back(static_cast<std::uint32_t>(index + 1));
    PH_TRY(BodyPart child, readPart(value.items[index], std::move(inner), false));
    part.offersDownload = part.offersDownload || child.offersDownload;
    part.parts.push_back(std::move(child));
  }
  part.number = std::move(number);
  part.type = "multipart/" + ascii::toLower(textOf(at(value, index)).value_or("mixed"));
  const mime::Parameters parameters = parametersOf(at(value, index + 1));
  readExtension(value, index + 2, part, parameters);
  part.offersDownload = part.offersDownload || part.disposition == "attachment";
  return part;
}

Result<BodyPart> readLeaf(const Value& value, PartNumber number) {
  if (at(value, 0).kind != Kind::Text || at(value, 1).kind != Kind::Text)
    return makeError(Errc::Invalid, "a body structure without a type");
  BodyPart part;
  part.number = std::move(number);
  part.type = ascii::toLower(at(value, 0).text) + "/" + ascii::toLower(at(value, 1).text);
  const mime::Parameters parameters = parametersOf(at(value, 2));
  part.cid = withoutBrackets(at(value, 3));
  part.encoding = encodingOf(at(value, 5));
  part.octets = at(value, 6).number;
  std::size_t extension = 7;
  if (part.text()) {
    extension = 8;
    part.charset = mime::decodedParameter(parameters, "charset");
    if (!part.charset) part.charset = "us-ascii";
  } else {
    part.charset = mime::decodedParameter(parameters, "charset");
    if (part.type.starts_with("message/") && at(value, 7).kind == Kind::List) {
      extension = 10;
      const auto inside = readPart(at(value, 8), {}, true);
      part.offersDownload = inside.ok() && inside->offersDownload;
    }
  }
  readExtension(value, extension + 1, part, parameters);
  const bool message = extension == 10;
  part.offersDownload = part.offersDownload || part.disposition == "attachment" ||
                        (!message && part.disposition != "inline" && part.name.has_value());
  return part;
}

// Nesting is that of the value, which the parser of responses has bounded.
Result<BodyPart> readPart(const Value& value, PartNumber number, bool root) {
  if (value.kind != Kind::List || value.items.empty())
    return makeError(Errc::Invalid, "not a body structure");
  if (value.items.front().kind == Kind::List) return readMultipart(value, std::move(number));
  if (root) number = {1};
  return readLeaf(value, std::move(number));
}

bool inlineMedia(const std::string& type) {
  return type.starts_with("image/") || type.starts_with("audio/") || type.starts_with("video/");
}

/// The algorithm of RFC 8621 4.1.4; its names are kept.
class Flattener {
 public:
  BodyLists lists;

  void run(const BodyPart& root) {
    std::vector<const BodyPart*>* text = &lists.text;
    std::vector<const BodyPart*>* html = &lists.html;
    parse({&root}, "mixed", false, html, text);
  }

 private:
  using List = std::vector<const BodyPart*>;

  static bool isInline(const BodyPart& part, std::size_t index, std::string_view multipartType) {
    const bool shown = part.type == "text/plain" || part.type == "text/html" || inlineMedia(part.type);
    return part.disposition != "attachment" && shown &&
           (index == 0 || (multipartType != "related" && (inlineMedia(part.type) || !part.name)));
  }

  void alternative(const BodyPart& part, List* html, List* text) {
    if (part.type == "text/plain" && text != nullptr) {
      text->push_back(&part);
    } else if (part.type == "text/html" && html != nullptr) {
      html->push_back(&part);
    } else {
      lists.attachments.push_back(&part);
    }
  }

  void shown(const BodyPart& part, bool inAlternative, List*& html, List*& text) {
    if (inAlternative && part.type == "text/plain") html = nullptr;
    if (inAlternative && part.type == "text/html") text = nullptr;
    if (text != nullptr) text->push_back(&part);
    if (html != nullptr) html->push_back(&part);
    if ((text == nullptr || html == nullptr) && inlineMedia(part.type)) lists.attachments.push_back(&part);
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the structure
  void parse(const std::vector<const BodyPart*>& parts, std::string_view multipartType, bool inAlternative,
             List* html, List* text) {
    const std::size_t textLength = text != nullptr ? text->size() : 0;
    const std::size_t htmlLength = html != nullptr ? html->size() : 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const BodyPart& part = *parts[i];
      if (part.multipart()) {
        const std::string_view sub = std::string_view(part.type).substr(sizeof("multipart/") - 1);
        std::vector<const BodyPart*> inner;
        for (const BodyPart& child : part.parts) inner.push_back(&child);
        parse(inner, sub, inAlternative || sub == "alternative", html, text);
      } else if (!isInline(part, i, multipartType)) {
        lists.attachments.push_back(&part);
      } else if (multipartType == "alternative") {
        alternative(part, html, text);
      } else {
        shown(part, inAlternative, html, text);
      }
    }
    if (multipartType != "alternative" || text == nullptr || html == nullptr) return;
    // Only one form was found: it stands for the other one, too.
    if (text->size() == textLength && html->size() != htmlLength) {
      text->insert(text->end(), html->begin() + static_cast<std::ptrdiff_t>(htmlLength), html->end());
    } else if (html->size() == htmlLength && text->size() != textLength) {
      html->insert(html->end(), text->begin() + static_cast<std::ptrdiff_t>(textLength), text->end());
    }
  }
};

}  // namespace

bool BodyPart::multipart() const {
  return type.starts_with("multipart/");
}

bool BodyPart::text() const {
  return type.starts_with("text/");
}

std::string partIdOf(const PartNumber& number) {
  std::string out;
  for (const std::uint32_t one : number) {
    if (!out.empty()) out += '.';
    out += std::to_string(one);
  }
  return out;
}

const BodyPart* findPart(const BodyPart& root, const PartNumber& number) {
  if (root.number == number) return &root;
  const BodyPart* part = &root;
  for (const std::uint32_t one : number) {
    if (one == 0 || one > part->parts.size()) return nullptr;
    part = &part->parts[one - 1];
  }
  return part->number == number ? part : nullptr;
}

Result<BodyPart> readBodyStructure(const imap::Value& value) {
  return readPart(value, {}, true);
}

BodyLists flattenBody(const BodyPart& root) {
  Flattener flattener;
  flattener.run(root);
  return std::move(flattener.lists);
}

}  // namespace posthorn::mshttpd::jmap
