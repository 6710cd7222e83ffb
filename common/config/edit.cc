// SPDX-License-Identifier: Apache-2.0
#include "common/config/edit.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/config/document.h"
#include "common/config/value.h"
#include "common/config/yaml.h"

namespace posthorn::config {

namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

Error byHand(std::string_view why) {
  return makeError(Errc::Unsupported, std::string(why) + ": edit the file by hand");
}

/// A text with its tree and leaves, kept together because the leaves point into the tree.
struct Parsed {
  std::string_view text;
  yaml::Tree tree;
  std::vector<Leaf> leaves;

  [[nodiscard]] const Leaf* find(const Named& named) const {
    for (const Leaf& leaf : leaves) {
      const auto other = resolve(leaf.path);
      if (other && other->canonical() == named.canonical()) return &leaf;
    }
    return nullptr;
  }
};

Result<std::unique_ptr<Parsed>> parseText(std::string_view text) {
  auto parsed = std::make_unique<Parsed>();
  parsed->text = text;
  parsed->tree = yaml::parse(text);
  Findings findings = parsed->tree.findings;
  if (findings.empty()) parsed->leaves = leavesOf(parsed->tree.root, findings);
  if (!findings.empty()) {
    return makeError(Errc::Invalid,
                     "line " + std::to_string(findings.front().line) + ": " + findings.front().text);
  }
  return parsed;
}

std::string_view eolOf(std::string_view text) {
  return text.find("\r\n") == kNowhere ? "\n" : "\r\n";
}

std::size_t lineStart(std::string_view text, std::size_t at) {
  const std::size_t feed = at == 0 ? kNowhere : text.rfind('\n', at - 1);
  return feed == kNowhere ? 0 : feed + 1;
}

/// The first byte of the next line.
std::size_t nextLine(std::string_view text, std::size_t at) {
  const std::size_t feed = text.find('\n', at);
  return feed == kNowhere ? text.size() : feed + 1;
}

std::string render(const Option& row, std::string_view value, bool insideFlow) {
  if (row.type != Type::List) return yaml::quote(value, insideFlow);
  std::string out;
  for (const std::string& item : splitItems(row, value)) {
    out += (out.empty() ? "" : ", ") + yaml::quote(item, true);
  }
  return "[" + out + "]";
}

/// One behind the last byte of a node and all that is below it; npos when that cannot be told.
std::size_t endOfTree(std::string_view text, const yaml::Piece& key, const yaml::Piece& node,
                      bool insideFlow) {
  switch (node.kind) {
    case yaml::Kind::Null:
      return key.at;
    case yaml::Kind::Scalar:
      return yaml::endOf(text, node, insideFlow);
    case yaml::Kind::Sequence:
      if (node.flow || node.items.empty()) return yaml::endOf(text, node, insideFlow);
      return node.items.back().kind == yaml::Kind::Scalar ? yaml::endOf(text, node.items.back(), false)
                                                          : kNowhere;
    case yaml::Kind::Map:
      if (node.flow || node.entries.empty()) return yaml::endOf(text, node, insideFlow);
      return endOfTree(text, node.entries.back().key, node.entries.back().value, false);
  }
  return kNowhere;
}

/// Where the key of `leaf` ends and its colon stands.
std::size_t colonOf(std::string_view text, const yaml::Piece& key) {
  const char first = text[key.at];
  const std::size_t from =
      first == '"' || first == '\'' ? yaml::endOf(text, key, false) : key.at + key.text.size();
  return from == kNowhere ? kNowhere : text.find(':', from);
}

struct Span {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string_view before{};  ///< what must stand before the new value
};

std::optional<Span> valueSpan(std::string_view text, const Leaf& leaf) {
  const yaml::Piece& node = *leaf.value;
  const std::size_t colon = colonOf(text, *leaf.key);
  if (colon == kNowhere) return std::nullopt;
  if (node.kind == yaml::Kind::Null) return Span{colon + 1, colon + 1, " "};
  const std::size_t end = endOfTree(text, *leaf.key, node, leaf.map->flow);
  if (end == kNowhere || end < colon) return std::nullopt;
  Span span{node.at, end};
  if (node.kind == yaml::Kind::Sequence && !node.flow) {
    // The new list goes to the line of the key, unless a comment stands there.
    const bool comment = text.substr(colon, node.at - colon).find('#') != kNowhere;
    if (!comment) span = Span{colon + 1, end, " "};
    if (comment && node.column <= leaf.key->column) span.before = "  ";
  }
  // A list over several lines may have comments between its items: those are not ours to drop.
  const std::string_view old = text.substr(node.at, end - node.at);
  const bool many = old.find('\n') != kNowhere;
  if (many && node.kind == yaml::Kind::Sequence && old.find('#') != kNowhere) return std::nullopt;
  return span;
}

Result<std::string> replaceValue(const Parsed& parsed, const Leaf& leaf, const Option& row,
                                 std::string_view value) {
  const auto span = valueSpan(parsed.text, leaf);
  if (!span) return byHand("the value is written in a way that cannot be replaced safely");
  std::string out(parsed.text.substr(0, span->from));
  out += span->before;
  out += render(row, value, leaf.map->flow);
  out += parsed.text.substr(span->to);
  return out;
}

/// A map or an empty key of the file under which an option would belong.
struct Section {
  const yaml::Piece* key = nullptr;  ///< null for the root
  const yaml::Piece* node = nullptr;
  std::string path;
};

void collect(const yaml::Piece& node, const std::string& prefix, std::vector<Section>& sections) {
  for (const auto& [key, value] : node.entries) {
    const std::string path = prefix.empty() ? key.text : prefix + "." + key.text;
    if (value.kind != yaml::Kind::Map && value.kind != yaml::Kind::Null) continue;
    sections.push_back(Section{&key, &value, path});
    collect(value, path, sections);
  }
}

/// The deepest section for `named` and the key that the option has in it.
std::optional<std::pair<Section, std::string>> sectionFor(const yaml::Piece& root, const Named& named) {
  std::vector<Section> sections;
  collect(root, "", sections);
  const std::string name = named.canonical();
  for (std::size_t cut = name.find_last_of(".:"); cut != kNowhere && cut > 0;
       cut = name.find_last_of(".:", cut - 1)) {
    const std::string rest = name.substr(cut + 1);
    for (const Section& section : sections) {
      const auto other = resolve(section.path + "." + rest);
      if (other && !other->legacy && other->canonical() == name) return std::make_pair(section, rest);
    }
  }
  return std::nullopt;
}

std::string insertLine(std::string_view text, std::size_t at, int indent, std::string_view line) {
  const std::string_view eol = eolOf(text);
  std::string out(text.substr(0, at));
  if (!out.empty() && out.back() != '\n') out += eol;
  out += std::string(static_cast<std::size_t>(indent), ' ') + std::string(line) + std::string(eol);
  out += text.substr(at);
  return out;
}

std::string insertIntoFlow(std::string_view text, const yaml::Piece& map, std::string_view entry) {
  std::string out(text.substr(0, map.at + 1));
  out += entry;
  if (!map.entries.empty()) out += ", ";
  out += text.substr(map.at + 1);
  return out;
}

std::string insertIntoSection(std::string_view text, const Section& section, const std::string& key,
                              const Option& row, std::string_view value) {
  const yaml::Piece& node = *section.node;
  if (node.flow) return insertIntoFlow(text, node, key + ": " + render(row, value, true));
  const std::string line = key + ": " + render(row, value, false);
  if (node.kind == yaml::Kind::Null) {
    return insertLine(text, nextLine(text, section.key->at), section.key->column + 2, line);
  }
  const yaml::Piece& first = node.entries.front().key;
  const std::size_t end = endOfTree(text, *section.key, node, false);
  const std::size_t at = end == kNowhere ? lineStart(text, first.at) : nextLine(text, end);
  return insertLine(text, at, first.column, line);
}

std::string appendSection(std::string_view text, const yaml::Piece& root, const Named& named,
                          std::string_view value) {
  const Option& row = named.option();
  if (root.flow) {
    return insertIntoFlow(text, root, yaml::quote(named.canonical(), true) + ": " + render(row, value, true));
  }
  const int indent = root.entries.empty() ? 0 : root.entries.front().key.column;
  const std::string line = render(row, value, false);
  if (row.grouped()) {
    std::string out = insertLine(text, text.size(), indent, std::string(row.groupKind()) + ":");
    out = insertLine(out, out.size(), indent + 2, named.group + ":");
    return insertLine(out, out.size(), indent + 4, std::string(row.groupSuffix().substr(1)) + ": " + line);
  }
  const std::size_t dot = row.name.find('.');
  std::string out = insertLine(text, text.size(), indent, std::string(row.name.substr(0, dot)) + ":");
  return insertLine(out, out.size(), indent + 2, std::string(row.name.substr(dot + 1)) + ": " + line);
}

/// What a text says: every leaf but empty sections, by path.
using Said = std::map<std::string, std::pair<yaml::Kind, std::vector<std::string>>>;

Said saidBy(const Parsed& parsed, const Leaf* without) {
  Said said;
  for (const Leaf& leaf : parsed.leaves) {
    if (&leaf == without || (leaf.value->kind == yaml::Kind::Null && isSection(leaf.path))) continue;
    std::vector<std::string> texts{leaf.value->text};
    for (const yaml::Piece& item : leaf.value->items) texts.push_back(item.text);
    said[leaf.path] = {leaf.value->kind, std::move(texts)};
  }
  return said;
}

/// The new text says what the old one said, except for the option itself, and that is as wanted.
Status verify(const Parsed& before, const std::string& after, const Named& named,
              const std::optional<std::string_view>& value) {
  auto parsed = parseText(after);
  if (!parsed.ok()) return byHand("the change would damage the file");
  const Leaf* now = (*parsed)->find(named);
  if ((now != nullptr) != value.has_value()) return byHand("the change would not reach the option");
  if (saidBy(before, before.find(named)) != saidBy(**parsed, now))
    return byHand("the change would move other options");
  if (!value) return {};
  PH_TRY(const Value wanted, parseValue(named.option(), *value));
  PH_TRY(const Value found, valueOf(named.option(), *now->value));
  if (wanted != found) return byHand("the value would be read back as another one");
  return {};
}

}  // namespace

Result<std::string> setInText(std::string_view text, const Named& named, std::string_view value) {
  PH_TRY(const Value checked, parseValue(named.option(), value));
  PH_TRY(const auto parsed, parseText(text));
  std::string out;
  if (const Leaf* leaf = parsed->find(named)) {
    PH_TRY(out, replaceValue(*parsed, *leaf, named.option(), value));
  } else if (const auto section = sectionFor(parsed->tree.root, named)) {
    out = insertIntoSection(text, section->first, section->second, named.option(), value);
  } else {
    out = appendSection(text, parsed->tree.root, named, value);
  }
  PH_CHECK(verify(*parsed, out, named, value));
  return out;
}

namespace {

bool onlyBlanks(std::string_view text) {
  return text.find_first_not_of(" \t") == kNowhere;
}

std::optional<Span> entrySpan(std::string_view text, const Leaf& leaf) {
  const auto value = valueSpan(text, leaf);
  if (!value) return std::nullopt;
  if (!leaf.map->flow) {
    const std::size_t start = lineStart(text, leaf.key->at);
    if (!onlyBlanks(text.substr(start, leaf.key->at - start))) return std::nullopt;
    return Span{start, nextLine(text, value->to)};
  }
  Span span{leaf.key->at, value->to};
  const std::size_t behind = text.find_first_not_of(" \t\r\n", span.to);
  if (behind != kNowhere && text[behind] == ',') {
    span.to = std::min(text.find_first_not_of(" \t", behind + 1), text.size());
  } else {
    const std::size_t before = text.find_last_not_of(" \t\r\n", span.from - 1);
    if (before != kNowhere && text[before] == ',') span.from = before;
  }
  return span;
}

}  // namespace

Result<std::string> unsetInText(std::string_view text, const Named& named) {
  PH_TRY(const auto parsed, parseText(text));
  const Leaf* leaf = parsed->find(named);
  if (leaf == nullptr) return makeError(Errc::NotFound, named.canonical() + " is not set");
  const auto span = entrySpan(text, *leaf);
  if (!span) return byHand("the option is written in a way that cannot be removed safely");
  std::string out(text.substr(0, span->from));
  out += text.substr(span->to);
  PH_CHECK(verify(*parsed, out, named, std::nullopt));
  return out;
}

namespace {

constexpr std::size_t kMostComment = 500;

/// From behind the value (behind the colon for a list below the key) to the end of that line.
std::optional<Span> commentSpan(const Parsed& parsed, const Leaf& leaf) {
  if (leaf.map->flow) return std::nullopt;
  const yaml::Piece& node = *leaf.value;
  std::size_t from = colonOf(parsed.text, *leaf.key);
  if (from == kNowhere) return std::nullopt;
  ++from;
  if (node.kind != yaml::Kind::Null && (node.kind != yaml::Kind::Sequence || node.flow)) {
    from = yaml::endOf(parsed.text, node, false);
    if (from == kNowhere) return std::nullopt;
  }
  std::size_t to = std::min(parsed.text.find('\n', from), parsed.text.size());
  if (to > from && parsed.text[to - 1] == '\r') --to;
  const std::string_view rest = ascii::trim(parsed.text.substr(from, to - from));
  if (!rest.empty() && rest.front() != '#') return std::nullopt;
  return Span{from, to};
}

Status checkComment(std::string_view comment) {
  if (comment.size() > kMostComment) return makeError(Errc::Invalid, "the comment is longer than 500 bytes");
  if (std::any_of(comment.begin(), comment.end(), ascii::isControl) || !utf8::valid(comment))
    return makeError(Errc::Invalid, "the comment is not one printable line of UTF-8");
  return {};
}

}  // namespace

Result<std::string> commentInText(std::string_view text, const Named& named, std::string_view comment) {
  PH_CHECK(checkComment(comment));
  PH_TRY(const auto parsed, parseText(text));
  const Leaf* leaf = parsed->find(named);
  if (leaf == nullptr) return makeError(Errc::NotFound, named.canonical() + " is not set");
  const auto span = commentSpan(*parsed, *leaf);
  if (!span) return byHand("no comment can stand behind the option as it is written");
  std::string_view blanks = text.substr(span->from, span->to - span->from);
  blanks = blanks.substr(0, std::min(blanks.find('#'), blanks.size()));
  std::string out(text.substr(0, span->from));
  if (!comment.empty()) {
    out += blanks.empty() || span->from + blanks.size() == span->to ? "  " : blanks;
    out.append("# ").append(ascii::trim(comment));
  }
  out += text.substr(span->to);
  const auto after = parseText(out);
  if (!after.ok() || saidBy(*parsed, nullptr) != saidBy(**after, nullptr))
    return byHand("the comment would change what the file says");
  return out;
}

std::string commentOf(std::string_view text, const Named& named) {
  const auto parsed = parseText(text);
  if (!parsed.ok()) return {};
  const Leaf* leaf = (*parsed)->find(named);
  const auto span = leaf == nullptr ? std::nullopt : commentSpan(**parsed, *leaf);
  if (!span) return {};
  const std::string_view rest = text.substr(span->from, span->to - span->from);
  const std::size_t mark = rest.find('#');
  return mark == kNowhere ? std::string() : std::string(ascii::trim(rest.substr(mark + 1)));
}

}  // namespace posthorn::config
