// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/email_filter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/keywords.h"
#include "mshttpd/jmap/query.h"
#include "mshttpd/jmap/search_terms.h"

namespace posthorn::mshttpd::jmap {
namespace {

using imap::jmap::Filter;
using Kind = Filter::Kind;

constexpr std::size_t kMaxTerms = 64;   // of one condition
constexpr std::size_t kMaxText = 1000;  // octets of one condition
constexpr std::size_t kMaxFieldName = 100;
constexpr std::size_t kMaxNodes = 250;  // a back end takes 256

struct Condition {
  std::string_view name;
  Kind kind;
  enum class Type : std::uint8_t { Id, Ids, Date, Size, Keyword, Bool, Text, Header } type;
  bool isMutable = false;
  bool looksAround = false;
};
using Type = Condition::Type;

constexpr Condition kConditions[] = {
    {"inMailbox", Kind::InMailbox, Type::Id, true},
    {"inMailboxOtherThan", Kind::InMailboxOtherThan, Type::Ids, true},
    {"before", Kind::Before, Type::Date},
    {"after", Kind::After, Type::Date},
    {"minSize", Kind::MinSize, Type::Size},
    {"maxSize", Kind::MaxSize, Type::Size},
    {"allInThreadHaveKeyword", Kind::AllInThread, Type::Keyword, true, true},
    {"someInThreadHaveKeyword", Kind::SomeInThread, Type::Keyword, true, true},
    {"noneInThreadHaveKeyword", Kind::NoneInThread, Type::Keyword, true, true},
    {"hasKeyword", Kind::HasKeyword, Type::Keyword, true},
    {"notKeyword", Kind::NotKeyword, Type::Keyword, true},
    {"hasAttachment", Kind::HasAttachment, Type::Bool},
    {"text", Kind::Text, Type::Text},
    {"from", Kind::From, Type::Text},
    {"to", Kind::To, Type::Text},
    {"cc", Kind::Cc, Type::Text},
    {"bcc", Kind::Bcc, Type::Text},
    {"subject", Kind::Subject, Type::Text},
    {"body", Kind::Body, Type::Text},
    {"header", Kind::Header, Type::Header},
};

Filter nodeOf(Kind kind) {
  Filter out;
  out.kind = kind;
  return out;
}

/// What holds for every message.
Filter always() {
  return nodeOf(Kind::MinSize);
}

Filter allOf(std::vector<Filter> parts) {
  if (parts.empty()) return always();
  if (parts.size() == 1) return std::move(parts.front());
  Filter out = nodeOf(Kind::And);
  out.parts = std::move(parts);
  return out;
}

bool isFieldName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxFieldName &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F && c != ':'; });
}

std::optional<Failure> wrong(std::string_view name, std::string_view what) {
  return Failure{"invalidArguments", std::string(name) + " " + std::string(what)};
}

/// Reads a filter's tree into `search`.
class Reader {
 public:
  explicit Reader(EmailSearch& search) : search_(search) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxFilterDepth
  std::optional<Failure> read(const Json& json, std::size_t depth, Filter& out) {
    if (!json.is_object()) return Failure{"invalidArguments", "a filter is an object"};
    if (depth > kMaxFilterDepth) return tooComplex();
    if (!isFilterOperator(json)) return condition(json, out);
    if (auto failure = checkFilterOperator(json)) return failure;
    std::vector<Filter> parts;
    for (const Json& part : json["conditions"]) {
      if (auto failure = read(part, depth + 1, parts.emplace_back())) return failure;
      if (++nodes_ > kMaxNodes) return tooComplex();
    }
    const Json& name = json["operator"];
    if (name == "AND") {
      out = allOf(std::move(parts));
    } else if (parts.empty()) {
      // No condition matches: OR of nothing never holds, NOT of nothing always does.
      out = always();
      if (name == "OR") out = negated(std::move(out));
    } else {
      out = nodeOf(name == "OR" ? Kind::Or : Kind::Not);
      out.parts = std::move(parts);
    }
    return std::nullopt;
  }

 private:
  static Failure tooComplex() { return {"unsupportedFilter", "the filter is too complex"}; }
  static Filter negated(Filter part) {
    Filter out = nodeOf(Kind::Not);
    out.parts.push_back(std::move(part));
    return out;
  }

  std::optional<Failure> condition(const Json& json, Filter& out) {
    std::vector<Filter> parts;
    for (const auto& [name, value] : json.items()) {
      const auto* row = std::find_if(
          std::begin(kConditions), std::end(kConditions),
          [wanted = std::string_view(name)](const Condition& one) { return one.name == wanted; });
      if (row == std::end(kConditions))
        return Failure{"unsupportedFilter", "there is no condition " + name.substr(0, 255)};
      if (row->isMutable) search_.immutable = false;
      if (row->looksAround) search_.looksAround = true;
      if (auto failure = one(*row, value, parts.emplace_back(nodeOf(row->kind)))) return failure;
      if (++nodes_ > kMaxNodes) return tooComplex();
    }
    out = allOf(std::move(parts));
    return std::nullopt;
  }

  std::optional<Failure> one(const Condition& row, const Json& value, Filter& out) {
    switch (row.type) {
      case Type::Id:
        if (!value.is_string()) return wrong(row.name, "must be an id");
        out.ids.push_back(value.get<std::string>());
        // What cannot be an id is that of no mailbox.
        if (!isId(out.ids.front())) out = negated(always());
        return std::nullopt;
      case Type::Ids:
        return ids(row, value, out);
      case Type::Date:
        return date(row, value, out);
      case Type::Size:
        if (!value.is_number_unsigned()) return wrong(row.name, "must be a whole number");
        out.number = value.get<std::uint64_t>();
        return std::nullopt;
      case Type::Keyword:
        return keyword(row, value, out);
      case Type::Bool:
        if (!value.is_boolean()) return wrong(row.name, "must be true or false");
        out.number = value.get<bool>() ? 1 : 0;
        return std::nullopt;
      case Type::Text:
        if (!value.is_string()) return wrong(row.name, "must be a string");
        return text(row, value.get_ref<const std::string&>(), out);
      case Type::Header:
        return header(row, value, out);
    }
    return std::nullopt;
  }

  static std::optional<Failure> ids(const Condition& row, const Json& value, Filter& out) {
    const bool strings = value.is_array() && std::all_of(value.begin(), value.end(),
                                                         [](const Json& id) { return id.is_string(); });
    if (!strings) return wrong(row.name, "must be a list of ids");
    for (const Json& id : value) {
      if (isId(id.get_ref<const std::string&>())) out.ids.push_back(id.get<std::string>());
    }
    // Every message is in a mailbox.
    if (out.ids.empty()) out = always();
    return out.ids.size() > kMaxNodes ? std::optional<Failure>(tooComplex()) : std::nullopt;
  }

  /// Messages come at whole seconds: a fraction means the next one.
  static std::optional<Failure> date(const Condition& row, const Json& value, Filter& out) {
    const auto seconds = value.is_string() ? parseUtcDate(value.get_ref<const std::string&>()) : std::nullopt;
    if (!seconds) return wrong(row.name, "must be a UTCDate");
    const auto& text = value.get_ref<const std::string&>();
    const std::size_t dot = text.find('.');
    const bool fraction =
        dot != std::string::npos && text.find_first_of("123456789", dot) != std::string::npos;
    out.time = (*seconds + (fraction ? 1 : 0)) * 1000;
    return std::nullopt;
  }

  static std::optional<Failure> keyword(const Condition& row, const Json& value, Filter& out) {
    const auto flag = value.is_string() ? flagOf(value.get_ref<const std::string&>()) : std::nullopt;
    if (!flag) return wrong(row.name, "must be a keyword");
    out.text = *flag;
    return std::nullopt;
  }

  std::optional<Failure> text(const Condition& row, const std::string& value, Filter& out) {
    if (value.size() > kMaxText) return Failure{"unsupportedFilter", "the text to look for is too long"};
    const std::vector<std::string> terms = searchTerms(value);
    nodes_ += terms.size();
    if (terms.size() > kMaxTerms) return tooComplex();
    std::vector<Filter> parts;
    for (const std::string& term : terms) {
      Filter part = nodeOf(row.kind);
      part.name = out.name;
      part.text = term;
      parts.push_back(std::move(part));
    }
    out = allOf(std::move(parts));
    return std::nullopt;
  }

  std::optional<Failure> header(const Condition& row, const Json& value, Filter& out) {
    const bool strings =
        value.is_array() && !value.empty() && value.size() <= 2 &&
        std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
    if (!strings || !isFieldName(value[0].get_ref<const std::string&>()))
      return wrong(row.name, "must be a list of a field's name and maybe a text");
    out.name = value[0].get<std::string>();
    if (value.size() == 1) return std::nullopt;
    const auto& wanted = value[1].get_ref<const std::string&>();
    if (searchTerms(wanted).empty()) return std::nullopt;
    return text(row, wanted, out);
  }

  EmailSearch& search_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::optional<Failure> readEmailFilter(const Json& args, EmailSearch& out) {
  const Json* filter = member(args, "filter");
  if (filter == nullptr) return std::nullopt;
  Reader reader(out);
  return reader.read(*filter, 0, out.filter.emplace());
}

std::optional<Failure> readEmailSearch(const Json& args, EmailSearch& out) {
  if (auto failure = readEmailFilter(args, out)) return failure;
  if (auto failure = readEmailSort(args, out)) return failure;
  const auto collapse = boolArgument(args, "collapseThreads", false);
  if (!collapse.ok()) return failureOf(collapse.error());
  out.collapseThreads = *collapse;
  return std::nullopt;
}

}  // namespace posthorn::mshttpd::jmap
