// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/email_render.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/body_value.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/email_headers.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/keywords.h"
#include "mshttpd/jmap/part_items.h"
#include "mshttpd/jmap/unicode_text.h"

namespace posthorn::mshttpd::jmap {
namespace {

using imap::FetchAttribute;
using imap::FetchItem;
using Kind = FetchAttribute::Kind;

/// Octets of one value, and of all values of one call, whatever the client would take.
constexpr std::uint64_t kMaxValue = std::uint64_t{8} << 20;
constexpr std::uint64_t kMaxValues = std::uint64_t{32} << 20;
/// Octets of a part that comes with the other items instead of in windows of its own.
constexpr std::uint64_t kSmallPart = std::uint64_t{128} << 10;
constexpr std::size_t kMaxPreview = 256;  // characters
/// What all objects of one call may weigh in memory (weightOf): a client names hundreds of properties, and
/// one sender hundreds of parts or a field of megabytes.
constexpr std::size_t kMaxRendered = std::size_t{64} << 20;

/// A message on its way to an Email object.
struct Draft {
  const backend::Message* message = nullptr;
  std::optional<BodyPart> root;
  BodyLists lists;
  std::vector<const BodyPart*> values;  ///< parts whose text is wanted
  std::vector<FetchAttribute> further;
  std::vector<FetchItem> items;  ///< what came of `further`
  bool gone = false;
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the structure
void eachPart(const BodyPart& part, const std::function<void(const BodyPart&)>& visit) {
  visit(part);
  for (const BodyPart& child : part.parts) eachPart(child, visit);
}

std::vector<const BodyPart*> shownParts(const Draft& draft, const EmailProperties& wanted) {
  std::vector<const BodyPart*> out;
  const auto add = [&](const std::vector<const BodyPart*>& list) {
    out.insert(out.end(), list.begin(), list.end());
  };
  if (wanted.wants("bodyStructure"))
    eachPart(*draft.root, [&](const BodyPart& part) { out.push_back(&part); });
  if (wanted.wants("textBody")) add(draft.lists.text);
  if (wanted.wants("htmlBody")) add(draft.lists.html);
  if (wanted.wants("attachments")) add(draft.lists.attachments);
  return out;
}

std::vector<const BodyPart*> valueParts(const Draft& draft, const EmailProperties& wanted) {
  std::vector<const BodyPart*> out;
  if (!wanted.wants("bodyValues")) return out;
  const auto add = [&](const BodyPart* part) {
    if (part->text() && std::find(out.begin(), out.end(), part) == out.end()) out.push_back(part);
  };
  if (wanted.textValues) std::for_each(draft.lists.text.begin(), draft.lists.text.end(), add);
  if (wanted.htmlValues) std::for_each(draft.lists.html.begin(), draft.lists.html.end(), add);
  if (wanted.allValues) eachPart(*draft.root, [&](const BodyPart& part) { add(&part); });
  return out;
}

/// What only the structure tells to ask for.
std::vector<FetchAttribute> furtherItems(const Draft& draft, const EmailProperties& wanted, bool binary) {
  std::vector<FetchAttribute> out;
  const auto add = [&](const FetchAttribute& attribute) {
    if (std::find(out.begin(), out.end(), attribute) == out.end()) out.push_back(attribute);
  };
  for (const BodyPart* part : shownParts(draft, wanted)) {
    if (wanted.partHeaders()) add(headerOf(*part, *draft.root));
    if (binary && wanted.wantsOfParts("size") && encoded(*part))
      add(partItem(Kind::BinarySize, part->number));
  }
  for (const BodyPart* part : draft.values) {
    if (binary && part->octets > 0 && part->octets <= kSmallPart) add(valueOf(*part));
  }
  return out;
}

/// One command for all messages that the same items are asked of.
Status fetchFurther(EmailSource& source, std::vector<Draft>& drafts) {
  std::vector<Draft*> waiting;
  for (Draft& draft : drafts) {
    if (!draft.further.empty()) waiting.push_back(&draft);
  }
  while (!waiting.empty()) {
    const std::vector<FetchAttribute> items = waiting.front()->further;
    std::map<backend::Id, Draft*> asked;
    std::vector<backend::Id> ids;
    std::erase_if(waiting, [&](Draft* draft) {
      if (draft->further != items) return false;
      asked.emplace(draft->message->id, draft);
      ids.push_back(draft->message->id);
      return true;
    });
    PH_TRY(backend::Messages answer, source.messages(ids, items));
    for (auto& [id, draft] : asked) draft->gone = true;
    for (backend::Message& message : answer.messages) {
      const auto found = asked.find(message.id);
      if (found == asked.end()) continue;
      found->second->gone = false;
      found->second->items = std::move(message.items);
    }
  }
  return {};
}

Json optionalJson(const std::optional<std::string>& text) {
  return text ? Json(wellFormed(*text)) : Json(nullptr);
}

/// Prints one message.
class Printer {
 public:
  Printer(EmailSource& source, const EmailProperties& wanted, std::uint64_t& room)
      : source_(source), wanted_(wanted), room_(room) {}

  Result<Json> email(const Draft& draft) {
    Json out = Json::object();
    out["id"] = draft.message->id;
    for (const WantedProperty& property : wanted_.properties) {
      PH_TRY(Json value, valueFor(draft, property));
      weigh(value);
      if (weight_ > kMaxRendered) return makeError(Errc::TooBig, "so much is not made at once");
      out[property.name] = std::move(value);
    }
    return out;
  }

 private:
  void weigh(const Json& value) const {
    if (weight_ <= kMaxRendered) weight_ += weightOf(value, kMaxRendered - weight_);
  }

  Result<Json> valueFor(const Draft& draft, const WantedProperty& property) {
    const std::string& name = property.name;
    if (property.header) return ofHeader(draft, property);
    if (name == "headers") return allHeaders(headerText(draft));
    if (name == "preview") return preview(draft);
    if (draft.root) {
      if (name == "bodyStructure") return part(*draft.root, draft, true);
      if (name == "textBody") return list(draft.lists.text, draft);
      if (name == "htmlBody") return list(draft.lists.html, draft);
      if (name == "attachments") return list(draft.lists.attachments, draft);
      if (name == "hasAttachment") return Json(draft.root->offersDownload);
      if (name == "bodyValues") return values(draft);
    }
    return metadata(*draft.message, name);
  }

  Json metadata(const backend::Message& message, std::string_view name) const {
    if (name == "id") return message.id;
    if (name == "blobId") return source_.messageBlob(message.id);
    if (name == "threadId") return message.threadId;
    if (name == "keywords") return keywordsObject(message.flags);
    if (name == "size") return message.octets;
    if (name == "receivedAt") return printUtcDate(message.internalDate.seconds);
    if (name != "mailboxIds") return nullptr;
    Json out = Json::object();
    for (const backend::Id& id : message.mailboxIds) out[id] = true;
    return out;
  }

  static View headerText(const Draft& draft) {
    const FetchItem* item = findItem(draft.message->items, Kind::BodySection);
    return item != nullptr && item->text ? View(*item->text) : View();
  }

  Json ofHeader(const Draft& draft, const WantedProperty& property) const {
    if (!wanted_.envelopeIsEnough()) return headerProperty(headerText(draft), *property.header);
    const FetchItem* envelope = findItem(draft.message->items, Kind::Envelope);
    return envelope != nullptr ? envelopeProperty(envelope->value, property.name) : Json(nullptr);
  }

  static Json preview(const Draft& draft) {
    const FetchItem* item = findItem(draft.message->items, Kind::Preview);
    if (item == nullptr || !item->text) return "";
    const std::string text = wellFormed(*item->text);
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++characters > kMaxPreview)
        return text.substr(0, at);
    }
    return text;
  }

  Json list(const std::vector<const BodyPart*>& parts, const Draft& draft) const {
    Json out = Json::array();
    for (const BodyPart* one : parts) out.push_back(part(*one, draft, false));
    return out;
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the structure
  Json part(const BodyPart& part, const Draft& draft, bool tree) const {
    Json out = Json::object();
    for (const WantedProperty& property : wanted_.ofParts) {
      if (property.name == "subParts") continue;
      // Nobody gets what is too much already.
      if (weight_ > kMaxRendered) return nullptr;
      Json value = partProperty(part, draft, property);
      weigh(value);
      out[property.name] = std::move(value);
    }
    const bool asked = wanted_.wantsOfParts("subParts");
    if (tree && part.multipart() && (asked || wanted_.wholeTree)) {
      Json parts = Json::array();
      for (const BodyPart& child : part.parts) parts.push_back(this->part(child, draft, true));
      out["subParts"] = std::move(parts);
    } else if (asked) {
      out["subParts"] = nullptr;
    }
    return out;
  }

  Json partProperty(const BodyPart& part, const Draft& draft, const WantedProperty& property) const {
    const std::string& name = property.name;
    if (name == "partId") return part.multipart() ? Json(nullptr) : Json(partIdOf(part.number));
    if (name == "blobId")
      return part.multipart() ? Json(nullptr) : Json(source_.partBlob(draft.message->id, part.number));
    if (name == "size") return partSize(part, draft);
    if (name == "name") return part.name ? Json(toNfc(withoutControls(*part.name))) : Json(nullptr);
    if (name == "type") return wellFormed(part.type);
    if (name == "charset") return optionalJson(part.charset);
    if (name == "disposition") return optionalJson(part.disposition);
    if (name == "cid") return optionalJson(part.cid);
    if (name == "location") return optionalJson(part.location);
    if (name == "language") return part.language ? Json(*part.language) : Json(nullptr);
    const FetchItem* item = findItem(draft.items, headerOf(part, *draft.root));
    const View header = item != nullptr && item->text ? View(*item->text) : View();
    return property.header ? headerProperty(header, *property.header) : allHeaders(header);
  }

  static std::uint64_t partSize(const BodyPart& part, const Draft& draft) {
    if (!encoded(part)) return part.octets;
    const FetchItem* item = findItem(draft.items, partItem(Kind::BinarySize, part.number));
    if (item != nullptr) return item->number;
    // Such a server cannot tell: lines of 76 characters are what nearly every sender writes.
    return part.encoding == mime::Encoding::Base64 ? part.octets / 78 * 57 + part.octets % 78 * 3 / 4
                                                   : part.octets;
  }

  Result<Json> values(const Draft& draft) {
    Json out = Json::object();
    for (const BodyPart* one : draft.values) {
      PH_TRY(Json value, this->value(*one, draft));
      room_ -= std::min<std::uint64_t>(room_, value["value"].get_ref<const std::string&>().size());
      out[partIdOf(one->number)] = std::move(value);
    }
    return out;
  }

  Result<Json> value(const BodyPart& part, const Draft& draft) {
    std::uint64_t most = std::min(kMaxValue, room_);
    if (wanted_.maxValue > 0) most = std::min(most, wanted_.maxValue);
    // Such a part may be none that has a section: a multipart without parts is shown with an empty one.
    if (part.octets == 0) return bodyValue(part, sourceOf({}), most);
    const FetchItem* item = findItem(draft.items, valueOf(part));
    if (item != nullptr && item->text) return bodyValue(part, sourceOf(*item->text), most);
    const bool decode = part.encoding != mime::Encoding::Unknown;
    PH_TRY(const backend::Source text, source_.text(draft.message->id, wholePart(part.number), decode));
    return bodyValue(part, text, most);
  }

  EmailSource& source_;
  const EmailProperties& wanted_;
  std::uint64_t& room_;
  mutable std::size_t weight_ = 0;
};

}  // namespace

Result<RenderedEmails> renderEmails(EmailSource& source, const EmailProperties& wanted,
                                    const std::vector<backend::Message>& messages) {
  std::vector<Draft> drafts(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Draft& draft = drafts[i];
    draft.message = &messages[i];
    if (!wanted.structure()) continue;
    const FetchItem* item = findItem(messages[i].items, Kind::BodyStructure);
    if (item == nullptr) return makeError(Errc::Internal, "a message came without its structure");
    PH_TRY(draft.root, readBodyStructure(item->value));
    draft.lists = flattenBody(*draft.root);
    draft.values = valueParts(draft, wanted);
    draft.further = furtherItems(draft, wanted, source.binary());
  }
  PH_CHECK(fetchFurther(source, drafts));
  RenderedEmails out;
  std::uint64_t room = kMaxValues;
  Printer printer(source, wanted, room);
  for (const Draft& draft : drafts) {
    if (draft.gone) continue;
    Result<Json> email = printer.email(draft);
    if (!email.ok() && email.error().code == Errc::NotFound) continue;
    if (!email.ok()) return email.error();
    out.emplace_back(draft.message->id, std::move(*email));
  }
  return out;
}

}  // namespace posthorn::mshttpd::jmap
