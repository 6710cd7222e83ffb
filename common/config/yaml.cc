// SPDX-License-Identifier: Apache-2.0
#include "common/config/yaml.h"

#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::config::yaml {

namespace {

/// What stops reading; caught in parse().
struct Refusal {
  int line;
  std::string text;
  std::string hint;
};

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(Piece& root) : root_(root) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) throw Refusal{mark.line + 1, "a second document begins", "remove the line '---'"};
    started_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse(mark, "", anchor);
    add(at(mark, Kind::Null));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{mark.line + 1, "aliases (*name) are not supported", "write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse(mark, tag, anchor);
    Piece node = at(mark, Kind::Scalar);
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    refuse(mark, tag, anchor);
    open(at(mark, Kind::Sequence), style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    refuse(mark, tag, anchor);
    open(at(mark, Kind::Map), style);
  }
  void OnMapEnd() override { close(); }

 private:
  static Piece at(const YAML::Mark& mark, Kind kind) {
    Piece node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column;
    node.at = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    return node;
  }

  void refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (++nodes_ > kMaxPieces) throw Refusal{mark.line + 1, "the file has more than 20000 values", ""};
    if (anchor != YAML::NullAnchor) {
      throw Refusal{mark.line + 1, "anchors (&name) are not supported",
                    "write the value out where it is used"};
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refusal{mark.line + 1, "tags (!name) are not supported", "remove the tag"};
    }
  }

  void open(Piece node, YAML::EmitterStyle::value style) {
    if (open_.size() >= kMaxDepth)
      throw Refusal{node.line, "the file is nested more than 16 levels deep", ""};
    node.flow = style == YAML::EmitterStyle::Flow;
    open_.push_back(std::move(node));
  }
  void close() {
    Piece node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }
  /// Puts a finished node into the collection that is open: in a map keys and values take turns.
  void add(Piece node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Piece& parent = open_.back();
    if (parent.kind == Kind::Sequence) {
      parent.items.push_back(std::move(node));
    } else if (!keys_.empty() && keys_.back().second == open_.size()) {
      parent.entries.push_back(Entry{std::move(keys_.back().first), std::move(node)});
      keys_.pop_back();
    } else {
      if (node.kind != Kind::Scalar) throw Refusal{node.line, "a key must be a plain word", ""};
      keys_.emplace_back(std::move(node), open_.size());
    }
  }

  Piece& root_;
  std::vector<Piece> open_;
  std::vector<std::pair<Piece, std::size_t>>
      keys_;  ///< keys that wait for their value, with their map's depth
  std::size_t nodes_ = 0;
  bool started_ = false;
};

Finding syntax(int line, std::string text, std::string hint) {
  return Finding{Severity::Error, "", std::move(text), std::move(hint), line};
}

std::string hintFor(std::string_view message) {
  if (message.find("tab") != std::string_view::npos) return "indent with spaces";
  if (message.find("map") != std::string_view::npos)
    return "check the indentation and the colon of this line and the one above";
  return "check the indentation, quotes and colons of this line and the one above";
}

/// A tab in indentation is YAML's most frequent trap and yaml-cpp's most obscure message.
int tabLine(std::string_view text) {
  int line = 1;
  bool indent = true;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      indent = true;
    } else if (indent && c == '\t') {
      return line;
    } else if (c != ' ') {
      indent = false;
    }
  }
  return 0;
}

}  // namespace

Tree parse(std::string_view text) {
  Tree tree;
  if (text.size() > kMaxBytes) {
    tree.findings.push_back(syntax(0, "the file is larger than 1 MiB", ""));
    return tree;
  }
  if (!utf8::valid(text) || text.find('\0') != std::string_view::npos ||
      text.substr(0, 3) == "\xEF\xBB\xBF") {
    tree.findings.push_back(
        syntax(0, "the file is not plain UTF-8", "save it as UTF-8 without byte order mark"));
    return tree;
  }
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Builder builder(tree.root);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refusal& refusal) {
    tree.findings.push_back(syntax(refusal.line, refusal.text, refusal.hint));
  } catch (const YAML::Exception& e) {
    const int tab = tabLine(text);
    tree.findings.push_back(tab != 0 && tab <= e.mark.line + 1
                                ? syntax(tab, "a tab stands in the indentation", "indent with spaces")
                                : syntax(e.mark.line + 1, "YAML: " + e.msg, hintFor(e.msg)));
  } catch (const std::exception&) {
    tree.findings.push_back(syntax(0, "the file cannot be read as YAML", ""));
  }
  return tree;
}

namespace {

std::size_t endOfSingleQuoted(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] != '\'') continue;
    if (i + 1 < text.size() && text[i + 1] == '\'') {
      ++i;
    } else {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::size_t endOfDoubleQuoted(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

bool isBlank(char c) {
  return c == ' ' || c == '\t';
}

/// To the end of the line, a comment, or in a flow collection its next sign. Plain scalars of several lines
/// are found too short; the editor compares what came out and refuses.
std::size_t endOfPlain(std::string_view text, std::size_t at, bool insideFlow) {
  std::size_t end = at;
  for (std::size_t i = at; i < text.size() && text[i] != '\n' && text[i] != '\r'; ++i) {
    if (text[i] == '#' && i > at && isBlank(text[i - 1])) break;
    if (insideFlow && std::string_view(",[]{}").find(text[i]) != std::string_view::npos) break;
    if (!isBlank(text[i])) end = i + 1;
  }
  return end;
}

std::size_t endOfFlow(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    const char before = i == 0 ? '\n' : text[i - 1];
    const bool starts = isBlank(before) || before == '\n' || before == '[' || before == '{' || before == ',';
    if (c == '#' && (isBlank(before) || before == '\n')) {
      i = std::min(text.find('\n', i), text.size());
    } else if ((c == '"' || c == '\'') && starts) {
      i = c == '"' ? endOfDoubleQuoted(text, i) : endOfSingleQuoted(text, i);
      if (i == std::string_view::npos) return i;
      --i;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::size_t endOf(std::string_view text, const Piece& node, bool insideFlow) {
  if (node.at >= text.size()) return std::string_view::npos;
  switch (text[node.at]) {
    case '\'':
      return endOfSingleQuoted(text, node.at);
    case '"':
      return endOfDoubleQuoted(text, node.at);
    case '[':
    case '{':
      return endOfFlow(text, node.at);
    case '|':
    case '>':
      return std::string_view::npos;
    default:
      return node.kind == Kind::Scalar ? endOfPlain(text, node.at, insideFlow) : std::string_view::npos;
  }
}

namespace {

/// Only what no reader of YAML takes for a sign or a value of another kind.
bool plainIsSafe(std::string_view text, bool insideFlow) {
  constexpr std::string_view kSigns = "._/@%+-";
  if (text.empty() || isBlank(text.back())) return false;
  const bool number = text.front() == '-' && text.size() > 1 && ascii::isDigit(text[1]);
  if (!ascii::isAlpha(text.front()) && !ascii::isDigit(text.front()) && text.front() != '/' && !number)
    return false;
  if (ascii::equal(text, "null")) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (ascii::isAlpha(c) || ascii::isDigit(c) || kSigns.find(c) != std::string_view::npos) continue;
    if (c == ' ') continue;
    if (c == ':' && !insideFlow && i + 1 < text.size() && text[i + 1] != ' ') continue;
    return false;
  }
  return true;
}

}  // namespace

std::string quote(std::string_view text, bool insideFlow) {
  if (plainIsSafe(text, insideFlow)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace posthorn::config::yaml
