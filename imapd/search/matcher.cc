// SPDX-License-Identifier: Apache-2.0
#include "imapd/search/matcher.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/date.h"
#include "common/mime/fold.h"
#include "common/mime/header.h"
#include "common/mime/limits.h"
#include "common/mime/search_text.h"
#include "common/mime/structure.h"
#include "common/mime/text_finder.h"
#include "common/mime/words.h"

namespace posthorn::imapd::search {
namespace {

using Kind = imap::SearchKey::Kind;

std::int64_t dayOf(std::int64_t seconds, int zoneMinutes) {
  const std::int64_t local = seconds + std::int64_t{zoneMinutes} * 60;
  return local >= 0 ? local / 86400 : -((-local + 86399) / 86400);
}

}  // namespace

Result<bool> Matcher::node(const Node& node) {
  switch (node.kind) {
    case Kind::And:
      return all(node);
    case Kind::Or: {
      PH_TRY(const bool first, this->node(node.children[0]));
      return first ? Result<bool>(true) : this->node(node.children[1]);
    }
    case Kind::Not: {
      PH_TRY(const bool inner, this->node(node.children[0]));
      return !inner;
    }
    default:
      break;
  }
  switch (node.cost) {
    case Cost::Flags:
      return byFlags(node);
    case Cost::Facts:
      return byFacts(node);
    case Cost::Header:
      return byHeader(node);
    case Cost::Text:
      break;
  }
  return byText(node);
}

Result<bool> Matcher::all(const Node& node) {
  for (const Node& child : node.children) {
    PH_TRY(const bool matched, this->node(child));
    if (!matched) return false;
  }
  return true;
}

bool Matcher::byFlags(const Node& node) const {
  const store::MessageRow& message = row_.message;
  const bool recent = message.uid > mail_.selected->recentUid;
  switch (node.kind) {
    case Kind::Numbers:
    case Kind::Uid:
      return node.set.contains(message.uid);
    case Kind::Flag:
      return (message.flags & node.flag) != 0;
    case Kind::NoFlag:
      return (message.flags & node.flag) == 0;
    case Kind::Keyword:
      return (message.keywords & node.keyword) != 0;
    case Kind::NoKeyword:
      return (message.keywords & node.keyword) == 0;
    case Kind::Recent:
      return recent;
    case Kind::New:
      return recent && (message.flags & store::kSeen) == 0;
    case Kind::Old:
      return !recent;
    case Kind::Modseq:
      return message.modseq >= node.number;
    default:
      return true;  // All, SaveDateSupported
  }
}

bool Matcher::byFacts(const Node& node) const {
  const store::MessageFacts& facts = row_.message.facts;
  const std::int64_t day = dayOf(facts.internalDate.seconds, facts.internalDate.zoneMinutes);
  const std::int64_t saved = dayOf(facts.saveDate, 0);
  const std::int64_t age = now_ - facts.internalDate.seconds;
  const auto limit = static_cast<std::int64_t>(std::min<std::uint64_t>(node.number, INT64_MAX));
  switch (node.kind) {
    case Kind::Before:
      return day < node.day;
    case Kind::On:
      return day == node.day;
    case Kind::Since:
      return day >= node.day;
    case Kind::SavedBefore:
      return saved < node.day;
    case Kind::SavedOn:
      return saved == node.day;
    case Kind::SavedSince:
      return saved >= node.day;
    case Kind::Larger:
      return facts.size > node.number;
    case Kind::Smaller:
      return facts.size < node.number;
    case Kind::Older:
      return age >= limit;
    case Kind::Younger:
      return age <= limit;
    case Kind::EmailId:
      return !node.never && facts.emailId == node.emailId;
    case Kind::ThreadId:
      return !node.never && facts.threadId == node.number;
    default:
      return false;
  }
}

Status Matcher::readHeader() {
  if (header_) return {};
  const std::uint64_t size = std::min<std::uint64_t>(row_.message.facts.headerLength, mime::kMaxHeader);
  PH_TRY(header_, text_.read({0, size}));
  return {};
}

Result<bool> Matcher::byHeader(const Node& node) {
  PH_CHECK(readHeader());
  const bool sent =
      node.kind == Kind::SentBefore || node.kind == Kind::SentOn || node.kind == Kind::SentSince;
  if (sent) {
    const auto field = mime::findField(*header_, "Date");
    const auto date = field ? mime::parseDate(*field) : std::nullopt;
    if (!date) return false;
    const std::int64_t day = date->day();
    return node.kind == Kind::SentBefore ? day < node.day
           : node.kind == Kind::SentOn   ? day == node.day
                                         : day >= node.day;
  }
  for (const auto& field : mime::headerFields(*header_)) {
    if (!ascii::equal(field.name, node.name)) continue;
    if (node.text.empty()) return true;
    if (mime::fold(mime::decodeHeader(field.value)).find(node.text) != std::string::npos) return true;
  }
  return false;
}

Status Matcher::readText() {
  if (found_) return {};
  mime::TextFinder finder(program_.needles);
  mime::SearchText search(finder);
  mime::MessageParser parser(&search);
  PH_TRY(const auto* body, text_.body());
  PH_CHECK(eachPiece(body->slice, {0, body->slice.length}, [&](View piece) {
    if (!finder.full()) parser.feed(piece);
  }));
  static_cast<void>(parser.finish());
  found_ = finder.found();
  return {};
}

Result<bool> Matcher::byText(const Node& node) {
  PH_CHECK(readText());
  return bool{(*found_)[node.needle]};
}

}  // namespace posthorn::imapd::search
