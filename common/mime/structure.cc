// SPDX-License-Identifier: Apache-2.0
// size: one state machine; lines, held line ends and the open entities change together at every boundary.
#include "common/mime/structure.h"

#include <algorithm>
#include <utility>

#include "common/mime/head_builder.h"
#include "common/mime/header.h"
#include "common/mime/limits.h"

namespace posthorn::mime {

/// Reads line by line: what a line is, is decided at its beginning (boundary, end of header, continuation,
/// other), from a bounded look ahead; the rest of it passes without being gathered, except a field's.
class MessageParser::Machine {
 public:
  explicit Machine(PartSink* sink) : sink_(sink) { open(kNoPart); }

  void feed(View in) {
    while (!in.empty()) {
      if (atLineStart_) {
        lineStart(in);
      } else {
        inLine(in);
      }
    }
  }

  Structure finish() {
    if (!probe_.empty()) {
      const Line line = judge(probe_, true);
      begin(line);
      View rest = probe_;
      while (!rest.empty()) inLine(rest);
    }
    releaseHeld();
    closeDownTo(kNoPart, offset_, lines_);
    return std::move(structure_);
  }

 private:
  enum class What : std::uint8_t { NeedMore, Boundary, CloseBoundary, EmptyLine, Continuation, Other };
  struct Line {
    What what = What::Other;
    std::size_t boundary = 0;
  };
  enum class Into : std::uint8_t { Field, Body, Nothing };

  struct Delimiter {
    std::uint32_t part;
    Bytes text;
  };

  PartNode& node(std::uint32_t part) { return structure_.outline[part]; }
  [[nodiscard]] std::uint32_t top() const { return open_.back(); }

  // ---- lines

  void lineStart(View& in) {
    if (probe_.empty() && plainBody(in)) return;
    View look = in;
    if (!probe_.empty()) {
      // Only so much that a line end is the last octet gathered.
      const std::size_t want = std::min(in.size(), lookAhead() - probe_.size());
      const std::size_t newline = in.substr(0, want).find('\n');
      const std::size_t count = newline == View::npos ? want : newline + 1;
      probe_.append(in.substr(0, count));
      in.remove_prefix(count);
      look = probe_;
    }
    const Line line = judge(look, false);
    if (line.what == What::NeedMore) {
      if (probe_.empty()) {
        probe_ = in;
        in = {};
      }
      return;
    }
    begin(line);
    if (!probe_.empty()) {
      const Bytes gathered = std::exchange(probe_, {});
      View rest = gathered;
      while (!rest.empty()) inLine(rest);
    }
  }

  /// The longest beginning of a line that must be seen before the line can be told: "--", boundary, "--".
  [[nodiscard]] std::size_t lookAhead() const { return std::max<std::size_t>(longestDelimiter_ + 4, 2); }

  [[nodiscard]] Line judge(View look, bool complete) const {
    if (inHeader_) {
      if (look.front() == '\n' || look.substr(0, 2) == "\r\n") return {What::EmptyLine};
      if (look == "\r" && !complete) return {What::NeedMore};
      if (look.front() == ' ' || look.front() == '\t') return {What::Continuation};
    }
    if (delimiters_.empty() || look.front() != '-') return {};
    if (look.size() < 2) return {complete ? What::Other : What::NeedMore};
    if (look[1] != '-') return {};
    const bool whole = complete || look.size() >= lookAhead() || look.find('\n') != View::npos;
    return whole ? delimiterOf(look.substr(2)) : Line{What::NeedMore};
  }

  /// RFC 2046 5.1.2: the beginning of the line decides. Of several the longest, of equals the innermost.
  [[nodiscard]] Line delimiterOf(View text) const {
    const Delimiter* best = nullptr;
    for (auto it = delimiters_.rbegin(); it != delimiters_.rend(); ++it) {
      if (text.substr(0, it->text.size()) == it->text &&
          (best == nullptr || it->text.size() > best->text.size()))
        best = &*it;
    }
    if (best == nullptr) return {};
    const bool closes = text.substr(best->text.size(), 2) == "--";
    return {closes ? What::CloseBoundary : What::Boundary,
            static_cast<std::size_t>(best - delimiters_.data())};
  }

  void begin(const Line& line) {
    atLineStart_ = false;
    last_ = '\0';
    emptyLine_ = false;
    switch (line.what) {
      case What::Boundary:
      case What::CloseBoundary:
        boundary(line);
        return;
      case What::EmptyLine:
        flushField();
        emptyLine_ = true;
        into_ = Into::Nothing;
        return;
      default:
        break;
    }
    if (inHeader_) {
      if (line.what != What::Continuation) flushField();
      into_ = Into::Field;
    } else {
      releaseHeld();
      into_ = Into::Body;
    }
  }

  /// Takes the line, or as much of it as there is.
  void inLine(View& in) {
    const std::size_t newline = in.find('\n');
    const bool ends = newline != View::npos;
    const View piece = in.substr(0, ends ? newline + 1 : in.size());
    in.remove_prefix(piece.size());
    offset_ += piece.size();
    if (into_ == Into::Field) {
      gatherField(piece);
    } else if (into_ == Into::Body) {
      emit(piece);
    }
    if (!ends) {
      last_ = piece.back();
      return;
    }
    const char before = piece.size() > 1 ? piece[piece.size() - 2] : last_;
    ++lines_;
    atLineStart_ = true;
    // RFC 2046 5.1.1, what the next delimiter may own of this line: nothing of a delimiter that begins a
    // part; the line end of one that closes (it ends in "[CRLF epilogue]"), and of the empty line behind a
    // header (a body-part is "MIME-part-headers [CRLF *OCTET]").
    lineEnd_ = partAfterLine_ ? 0 : before == '\r' ? 2 : 1;
    if (emptyLine_) {
      endHeader(offset_, lines_);
    } else if (partAfterLine_) {
      partAfterLine_ = false;
      open(top());
    }
  }

  /// The fast way through a body: whole lines that are no delimiters. True when it took any.
  bool plainBody(View& in) {
    if (inHeader_) return false;
    if (delimiters_.empty()) {
      for (std::size_t at = in.find('\n'); at != View::npos; at = in.find('\n', at + 1)) ++lines_;
      take(in, in.size());
      return true;
    }
    std::size_t end = 0;
    while (end < in.size() && in[end] != '-') {
      const std::size_t newline = in.find('\n', end);
      if (newline == View::npos) break;
      end = newline + 1;
      ++lines_;
    }
    if (end == 0) return false;
    lineEnd_ = (end > 1 && in[end - 2] == '\r') ? 2 : 1;
    releaseHeld();
    take(in, end);
    return true;
  }

  void take(View& in, std::size_t count) {
    emit(in.substr(0, count));
    offset_ += count;
    in.remove_prefix(count);
  }

  // ---- the octets of leaves

  /// Passes a leaf's octets on. A line end is held back: it may belong to a delimiter.
  void emit(View octets) {
    if (sink_ == nullptr || node(top()).kind != PartKind::Leaf || octets.empty()) return;
    if (delimiters_.empty()) {
      sink_->onBody(top(), octets);
      return;
    }
    if (held_ == "\r" && octets.front() == '\n') {
      held_ = "\r\n";
      return;
    }
    releaseHeld();
    std::size_t keep = octets.size();
    if (octets.back() == '\n') --keep;
    if (keep > 0 && octets[keep - 1] == '\r') --keep;
    held_ = octets.substr(keep);
    if (keep > 0) sink_->onBody(top(), octets.substr(0, keep));
  }

  void releaseHeld() {
    if (held_.empty()) return;
    const Bytes octets = std::exchange(held_, {});
    sink_->onBody(top(), octets);
  }

  // ---- fields

  void gatherField(View piece) {
    headerOctets_ += piece.size();
    if (headerOctets_ > kMaxHeader || field_.size() >= kMaxField) return;
    field_.append(piece.substr(0, kMaxField - field_.size()));
  }

  void flushField() {
    View text = field_;
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (!text.empty()) {
      if (const auto field = splitField(text)) {
        head_.field(field->name, field->value);
        if (sink_ != nullptr) sink_->onField(top(), field->name, field->value);
      }
    }
    field_.clear();
  }

  // ---- the tree

  /// A new entity begins here, inside `parent`.
  void open(std::uint32_t parent) {
    const auto part = static_cast<std::uint32_t>(structure_.outline.size());
    PartNode fresh;
    fresh.parent = parent;
    fresh.headerStart = offset_;
    bool message = true;
    bool digest = false;
    if (parent != kNoPart) {
      message = node(parent).kind == PartKind::Message;
      const auto& type = structure_.heads[parent].type;
      digest = !message && type && type->is("multipart", "digest");
      link(parent, part);
    }
    structure_.outline.push_back(fresh);
    structure_.heads.emplace_back();
    lastChild_.push_back(kNoPart);
    open_.push_back(part);
    head_.start(message, digest);
    inHeader_ = true;
    headerOctets_ = 0;
    headerStartLines_ = lines_;
  }

  void link(std::uint32_t parent, std::uint32_t child) {
    const std::uint32_t before = lastChild_[parent];
    (before == kNoPart ? node(parent).firstChild : node(before).nextSibling) = child;
    lastChild_[parent] = child;
  }

  [[nodiscard]] bool roomForParts() const { return structure_.outline.size() < kMaxParts; }

  void endHeader(std::uint64_t bodyStart, std::uint32_t lines) {
    flushField();
    const std::uint32_t part = top();
    inHeader_ = false;
    node(part).bodyStart = bodyStart;
    node(part).headerLines = lines - headerStartLines_;
    HeadBuilder::Built built = head_.take(node(part), kMaxKeptText - std::min(keptText_, kMaxKeptText));
    if (open_.size() >= kMaxDepth || !roomForParts()) makeOpaque(node(part), built.head);
    keptText_ += keptText(built.head);
    structure_.heads[part] = std::move(built.head);
    bodyStartLines_.resize(open_.size());
    bodyStartLines_.back() = lines;
    if (sink_ != nullptr) sink_->onBodyStart(part, node(part), structure_.heads[part]);
    if (node(part).kind == PartKind::Message) {
      const std::uint64_t here = std::exchange(offset_, bodyStart);
      open(part);
      offset_ = here;
      headerStartLines_ = lines;
    } else if (node(part).kind == PartKind::Multipart) {
      delimiters_.push_back({part, std::move(built.boundary)});
      measureDelimiters();
    }
  }

  /// RFC 3501's grammar knows no multipart without parts and no message/rfc822 without a message.
  static void makeOpaque(PartNode& node, PartHead& head) {
    if (node.kind == PartKind::Leaf) return;
    node.kind = PartKind::Leaf;
    node.global = false;
    head.digestChild = false;
    head.type = ContentType{"application", "octet-stream", {}};
  }

  void boundary(const Line& line) {
    const std::uint32_t multipart = delimiters_[line.boundary].part;
    if (line.what == What::Boundary && !roomForParts()) {
      overflow();
      return;
    }
    held_.clear();
    closeDownTo(multipart, offset_ - lineEnd_, lines_ - (lineEnd_ > 0 ? 1 : 0));
    while (!delimiters_.empty() && delimiters_.back().part > multipart) delimiters_.pop_back();
    if (line.what == What::CloseBoundary) {
      delimiters_.pop_back();
    } else {
      partAfterLine_ = true;
    }
    measureDelimiters();
    into_ = Into::Nothing;
  }

  /// Too many parts: all that follows belongs to the part that is open.
  void overflow() {
    if (inHeader_) endHeader(offset_, lines_);
    releaseHeld();
    delimiters_.clear();
    measureDelimiters();
    into_ = Into::Body;
  }

  /// Ends every open entity inside `ancestor`; with kNoPart the message too.
  void closeDownTo(std::uint32_t ancestor, std::uint64_t end, std::uint32_t lines) {
    while (!open_.empty() && top() != ancestor) {
      if (inHeader_) {
        node(top()).headerStart = std::min(node(top()).headerStart, end);
        headerStartLines_ = std::min(headerStartLines_, lines);
        endHeader(end, lines);  // which may open the message inside
        continue;
      }
      PartNode& closed = node(top());
      closed.end = end;
      if (closed.bodyStart > end) {  // the empty line behind the header was the delimiter's
        closed.headerStart = std::min(closed.headerStart, end);
        closed.bodyStart = end;
        if (closed.headerLines > 0) --closed.headerLines;
        bodyStartLines_[open_.size() - 1] = lines;
      }
      closed.bodyLines = lines - bodyStartLines_[open_.size() - 1];
      if (sink_ != nullptr) sink_->onEnd(top());
      open_.pop_back();
    }
  }

  void measureDelimiters() {
    longestDelimiter_ = 0;
    for (const Delimiter& delimiter : delimiters_)
      longestDelimiter_ = std::max(longestDelimiter_, delimiter.text.size());
  }

  PartSink* sink_;
  Structure structure_;
  HeadBuilder head_;

  std::uint64_t offset_ = 0;   // octets taken
  std::uint32_t lines_ = 0;    // line ends among them
  std::uint32_t lineEnd_ = 0;  // octets of the line end before offset_ that a delimiter would own
  bool atLineStart_ = true;
  bool emptyLine_ = false;      // the line that ends a header
  bool partAfterLine_ = false;  // the line is a delimiter
  char last_ = '\0';            // the last octet of this line that has been taken
  Into into_ = Into::Nothing;
  Bytes probe_;  // the beginning of a line that cannot be told yet
  Bytes held_;   // the line end that a delimiter may own

  bool inHeader_ = false;
  Bytes field_;
  std::size_t headerOctets_ = 0;
  std::uint32_t headerStartLines_ = 0;
  std::size_t keptText_ = 0;

  std::vector<std::uint32_t> open_;            // the message, down to the entity that is being read
  std::vector<std::uint32_t> bodyStartLines_;  // of each of them
  std::vector<std::uint32_t> lastChild_;       // of each part
  std::vector<Delimiter> delimiters_;          // of the open multiparts
  std::size_t longestDelimiter_ = 0;
};

MessageParser::MessageParser(PartSink* sink) : machine_(std::make_unique<Machine>(sink)) {}
MessageParser::~MessageParser() = default;

void MessageParser::feed(View octets) {
  machine_->feed(octets);
}

Structure MessageParser::finish() {
  return machine_->finish();
}

Structure parseMessage(View message) {
  MessageParser parser;
  parser.feed(message);
  return parser.finish();
}

}  // namespace posthorn::mime
