// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/written_part.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "common/mime/encode.h"
#include "common/mime/parameters.h"
#include "mshttpd/jmap/part_fields.h"
#include "mshttpd/jmap/text_coding.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr unsigned kMaxDepth = 12;
constexpr std::size_t kMaxParts = 1000;
constexpr std::size_t kMaxName = 1000;  // octets of a file's name

/// "=_" stands in no base64 and in no quoted-printable text; the rest nobody can guess.
std::string newBoundary() {
  return "=_" + Id128::random().hex();
}

void appendText(std::vector<Piece>& body, Bytes text) {
  if (!body.empty() && !body.back().blob.file) {
    body.back().octets += text.size();
    body.back().text.append(text);
    return;
  }
  const std::uint64_t octets = text.size();
  body.push_back({std::move(text), {}, Piece::Coding::Plain, octets});
}

/// RFC 2046 5.1.1: parts become the body of `out`.
void assemble(const std::string& boundary, std::vector<WrittenPart> parts, WrittenPart& out) {
  bool first = true;
  for (WrittenPart& part : parts) {
    appendText(out.body, (first ? "--" : "\r\n--") + boundary + "\r\n" + part.header + "\r\n");
    first = false;
    out.eightBit = out.eightBit || part.eightBit;
    for (Piece& piece : part.body) {
      if (piece.blob.file)
        out.body.push_back(std::move(piece));
      else
        appendText(out.body, std::move(piece.text));
    }
  }
  appendText(out.body, "\r\n--" + boundary + "--\r\n");
}

}  // namespace

/// A part as it is read.
struct PartReader::Draft {
  Place place;
  HeaderWriter header;
  std::string type;  // lower case
  mime::Parameters parameters;
  std::string name;
  std::string disposition;
  std::string charset;
  std::string partId;
  std::string blobId;
  const Json* subParts = nullptr;
  std::string fields;  // Content-Id, -Language, -Location
  bool hasCid = false;
  bool hasSize = false;
};

void PartReader::problem(const Draft& draft, std::string_view why) {
  problems_.add(draft.place.property, why);
}

namespace {

bool anyText(View) {
  return true;
}
bool isName(View text) {
  return text.size() <= kMaxName && isLineText(text);
}
bool isTokenOrNone(View text) {
  return text.empty() || isTokenText(text);
}

}  // namespace

bool PartReader::readString(std::string_view key, const Json& value, Draft& draft) {
  struct Row {
    std::string_view key;
    std::string Draft::*member;
    bool (*fits)(View text);
    bool lower;
  };
  constexpr Row kRows[] = {
      {"partId", &Draft::partId, anyText, false}, {"blobId", &Draft::blobId, anyText, false},
      {"type", &Draft::type, isMediaType, true},  {"charset", &Draft::charset, isTokenOrNone, false},
      {"name", &Draft::name, isName, false},      {"disposition", &Draft::disposition, isTokenOrNone, true},
  };
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [key](const Row& one) { return one.key == key; });
  if (row == std::end(kRows)) return false;
  if (value.is_null()) return true;
  if (!value.is_string() || !row->fits(value.get_ref<const std::string&>())) {
    problem(draft, "has a " + std::string(key) + " that cannot be one");
    return true;
  }
  draft.*(row->member) = row->lower ? ascii::toLower(value.get<std::string>()) : value.get<std::string>();
  return true;
}

void PartReader::readProperties(const Json& part, Draft& draft) {
  for (const auto& [key, value] : part.items()) {
    if (readString(key, value, draft)) continue;
    if (key == "cid" || key == "location" || key == "language") {
      if (value.is_null()) continue;
      const Result<std::string> field = contentField(key, value);
      if (!field.ok()) problem(draft, field.error().client);
      if (field.ok()) draft.fields.append(*field);
      draft.hasCid = draft.hasCid || key == "cid";
    } else if (key == "size") {
      draft.hasSize = !value.is_null();
    } else if (key == "subParts") {
      if (!value.is_null()) draft.subParts = &value;
    } else if (key == "headers") {
      problem(draft, "must not have headers: each field is a property of its own");
    } else if (!draft.header.take(key, value, problems_, draft.place.property)) {
      problem(draft, "has no property \"" + key.substr(0, 100) + "\"");
    }
  }
}

/// Properties and header:Content-... must not say the same thing twice.
void PartReader::readType(Draft& draft) {
  HeaderWriter& header = draft.header;
  if (header.has("Content-Transfer-Encoding"))
    problem(draft, "must not set Content-Transfer-Encoding: the server chooses it");
  const auto clash = [&](std::string_view field, bool other) {
    if (header.has(field) && other) problem(draft, "sets " + std::string(field) + " a second time");
  };
  const bool ownDisposition = header.has("Content-Disposition");
  clash("Content-Type", !draft.type.empty() || !draft.charset.empty());
  clash("Content-Disposition", !draft.disposition.empty() || !draft.name.empty());
  clash("Content-ID", draft.hasCid);
  clash("Content-Language", draft.fields.find("Content-Language:") != std::string::npos);
  clash("Content-Location", draft.fields.find("Content-Location:") != std::string::npos);
  if (const auto raw = header.remove("Content-Type")) {
    const auto type = mime::parseContentType(*raw);
    if (!type || !isMediaType(type->type + "/" + type->subtype))
      return problem(draft, "has a Content-Type that is none");
    draft.type = ascii::toLower(type->type + "/" + type->subtype);
    for (const mime::Parameter& parameter : type->parameters) {
      // Ours is the boundary, and the charset of what we encode.
      if (ascii::equal(parameter.name, "boundary") ||
          (!draft.partId.empty() && ascii::equal(parameter.name, "charset")))
        continue;
      const Bytes name = parameter.name.substr(0, parameter.name.find('*'));
      const auto value = mime::decodedParameter(type->parameters, name);
      if (isTokenText(name) && value) draft.parameters.push_back({name, *value});
    }
  }
  if (draft.type.empty() && !draft.place.type.empty()) draft.type = draft.place.type;
  if (draft.type.empty() && !draft.partId.empty()) draft.type = "text/plain";
  if (!draft.place.type.empty() && draft.type != draft.place.type)
    problem(draft, "must be " + std::string(draft.place.type));
  if (draft.disposition.empty() && !ownDisposition) draft.disposition = draft.place.disposition;
}

void PartReader::writeHeader(Draft& draft, std::string_view encoding, WrittenPart& out) {
  std::string type = draft.type;
  for (const mime::Parameter& parameter : draft.parameters)
    type.append("; ").append(mime::encodeParameter(parameter.name, parameter.value));
  if (!draft.name.empty() && draft.disposition.empty())
    type.append("; ").append(mime::encodeParameter("name", draft.name));
  out.header = draft.header.text() + mime::foldField("Content-Type", type);
  if (!draft.disposition.empty()) {
    std::string disposition = draft.disposition;
    if (!draft.name.empty()) disposition.append("; ").append(mime::encodeParameter("filename", draft.name));
    out.header.append(mime::foldField("Content-Disposition", disposition));
  }
  out.header.append(draft.fields);
  if (!encoding.empty()) out.header.append(mime::foldField("Content-Transfer-Encoding", encoding));
  out.fieldNames = draft.header.names();
  out.type = draft.type;
  out.disposition = draft.disposition;
  out.hasCid = draft.hasCid || draft.header.has("Content-ID");
}

void PartReader::readMultipart(Draft& draft, WrittenPart& out, unsigned depth) {
  if (!draft.partId.empty() || !draft.blobId.empty())
    problem(draft, "is a multipart and must have neither partId nor blobId");
  if (draft.place.leaf) return problem(draft, "must not hold a multipart");
  if (draft.subParts == nullptr || !draft.subParts->is_array() || draft.subParts->empty())
    return problem(draft, "is a multipart and needs subParts");
  if (depth >= kMaxDepth) return problem(draft, "is nested too deep");
  std::vector<WrittenPart> parts;
  for (const Json& part : *draft.subParts) {
    Place place = draft.place;
    place.type = {};
    parts.push_back(read(part, place, depth + 1));
  }
  const std::string boundary = newBoundary();
  draft.parameters.push_back({"boundary", boundary});
  assemble(boundary, std::move(parts), out);
  writeHeader(draft, out.eightBit ? "8bit" : "", out);
}

void PartReader::readValue(Draft& draft, WrittenPart& out) {
  const auto found = bodyValues_.is_object() ? bodyValues_.find(draft.partId) : bodyValues_.end();
  if (!bodyValues_.is_object() || found == bodyValues_.end() || !found->is_object())
    return problem(
        draft, "names the partId \"" + draft.partId.substr(0, 100) + "\", which bodyValues does not have");
  const auto value = found->find("value");
  if (value == found->end() || !value->is_string()) return;  // told as a problem of bodyValues
  if (!draft.charset.empty()) problem(draft, "must not have a charset beside a partId");
  if (draft.hasSize) problem(draft, "must not have a size beside a partId");
  if (draft.type.substr(0, 5) != "text/") return problem(draft, "must be text/* to come from bodyValues");
  CodedText coded = codeText(value->get_ref<const std::string&>());
  draft.parameters.push_back({"charset", coded.ascii ? "us-ascii" : "utf-8"});
  writeHeader(draft, coded.encoding, out);
  appendText(out.body, std::move(coded.text));
}

void PartReader::readBlob(Draft& draft, WrittenPart& out) {
  Result<BlobFile> blob = open_(draft.blobId);
  if (!blob.ok()) {
    if (blob.error().code == Errc::NotFound || blob.error().code == Errc::Invalid)
      problems_.blobNotFound(draft.blobId);
    else
      problems_.fail(blob.error());
    return;
  }
  attached_ += blob->octets;
  if (draft.type.empty()) {
    const std::string type = ascii::toLower(blob->type.substr(0, blob->type.find(';')));
    draft.type = isMediaType(type) && type.substr(0, 10) != "multipart/" ? type : "application/octet-stream";
  }
  if (!draft.charset.empty()) {
    if (draft.type.substr(0, 5) == "text/")
      draft.parameters.push_back({"charset", draft.charset});
    else
      problem(draft, "is no text and must not have a charset");
  }
  const Result<CodedBlob> coded = codeBlob(*blob, draft.type);
  if (!coded.ok()) return problems_.fail(coded.error());
  draft.type = coded->type;
  out.eightBit = coded->eightBit;
  writeHeader(draft, coded->encoding, out);
  out.body.push_back({{}, *blob, coded->coding, coded->octets});
}

WrittenPart PartReader::read(const Json& part, const Place& place, unsigned depth) {
  WrittenPart out;
  Draft draft;
  draft.place = place;
  if (++parts_ > kMaxParts) {
    if (parts_ == kMaxParts + 1) problem(draft, "has too many parts");
    return out;
  }
  if (!part.is_object()) {
    problem(draft, "must be made of body parts");
    return out;
  }
  readProperties(part, draft);
  readType(draft);
  if (draft.type.substr(0, 10) == "multipart/") {
    readMultipart(draft, out, depth);
    return out;
  }
  if (draft.subParts != nullptr && !(draft.subParts->is_array() && draft.subParts->empty()))
    problem(draft, "has subParts and is no multipart");
  if (draft.partId.empty() == draft.blobId.empty())
    problem(draft, "needs either a partId or a blobId in each part");
  else if (!draft.partId.empty())
    readValue(draft, out);
  else
    readBlob(draft, out);
  return out;
}

WrittenPart PartReader::join(std::string_view subtype, std::vector<WrittenPart> parts) {
  const std::string boundary = newBoundary();
  WrittenPart out;
  out.type = "multipart/" + std::string(subtype);
  std::string type = out.type + "; " + mime::encodeParameter("boundary", boundary);
  if (subtype == "related")  // RFC 2387 3.1
    type.append("; ").append(mime::encodeParameter("type", parts.front().type));
  out.header = mime::foldField("Content-Type", type);
  assemble(boundary, std::move(parts), out);
  if (out.eightBit) out.header.append(mime::foldField("Content-Transfer-Encoding", "8bit"));
  return out;
}

}  // namespace posthorn::mshttpd::jmap
