// SPDX-License-Identifier: Apache-2.0
#include "imapd/search/program.h"

#include <algorithm>

#include "common/mime/charset.h"
#include "common/mime/fold.h"
#include "imapd/object_id.h"

namespace posthorn::imapd::search {
namespace {

using Kind = imap::SearchKey::Kind;

Cost costOf(Kind kind) {
  switch (kind) {
    case Kind::From:
    case Kind::To:
    case Kind::Cc:
    case Kind::Bcc:
    case Kind::Subject:
    case Kind::Header:
    case Kind::SentBefore:
    case Kind::SentOn:
    case Kind::SentSince:
      return Cost::Header;
    case Kind::Body:
    case Kind::Text:
      return Cost::Text;
    case Kind::Before:
    case Kind::On:
    case Kind::Since:
    case Kind::SavedBefore:
    case Kind::SavedOn:
    case Kind::SavedSince:
    case Kind::Larger:
    case Kind::Smaller:
    case Kind::Older:
    case Kind::Younger:
    case Kind::EmailId:
    case Kind::ThreadId:
      return Cost::Facts;
    default:
      return Cost::Flags;
  }
}

View fieldOf(Kind kind) {
  switch (kind) {
    case Kind::From:
      return "From";
    case Kind::To:
      return "To";
    case Kind::Cc:
      return "Cc";
    case Kind::Bcc:
      return "Bcc";
    case Kind::Subject:
      return "Subject";
    default:
      return {};
  }
}

// What is looked for in every text is looked for octet by octet.
constexpr std::size_t kMostText = 8192;

/// Octets of all the texts of a program.
std::size_t octetsOf(const imap::SearchKey& key) {
  std::size_t octets = key.text.size();
  for (const auto& child : key.children) octets += octetsOf(child);
  return octets;
}

class Preparer {
 public:
  Preparer(const Mail& mail, View charset, Program& program)
      : mail_(mail), charset_(charset), program_(program) {}

  Result<Node> node(const imap::SearchKey& key) {
    Node node;
    node.kind = key.kind;
    node.cost = costOf(key.kind);
    node.flag = key.flag;
    node.number = key.number;
    node.day = imap::daysSinceEpoch(key.date);
    program_.modseq = program_.modseq || key.kind == Kind::Modseq;
    PH_CHECK(fillSet(node, key));
    fillText(node, key);
    for (const auto& child : key.children) {
      PH_TRY(Node made, this->node(child));
      node.cost = std::max(node.cost, made.cost);
      node.children.push_back(std::move(made));
    }
    std::stable_sort(node.children.begin(), node.children.end(),
                     [](const Node& a, const Node& b) { return a.cost < b.cost; });
    return node;
  }

 private:
  Status fillSet(Node& node, const imap::SearchKey& key) const {
    if (key.kind != Kind::Numbers && key.kind != Kind::Uid) return {};
    PH_TRY(node.set, messagesOf(mail_, key.set, key.kind == Kind::Uid));
    return {};
  }

  void fillText(Node& node, const imap::SearchKey& key) {
    switch (key.kind) {
      case Kind::Keyword:
      case Kind::NoKeyword:
        node.keyword = keywordBit(key.text);
        break;
      case Kind::EmailId: {
        const auto id = emailIdOf(key.text);
        node.never = !id;
        if (id) node.emailId = *id;
        break;
      }
      case Kind::ThreadId: {
        const auto id = threadIdOf(key.text);
        node.never = !id;
        node.number = id.value_or(0);
        break;
      }
      case Kind::Body:
      case Kind::Text:
        addNeedle(node, key);
        break;
      default:
        node.name = key.kind == Kind::Header ? key.name : std::string(fieldOf(key.kind));
        node.text = mime::fold(mime::toUtf8(key.text, charset_));
    }
  }

  void addNeedle(Node& node, const imap::SearchKey& key) {
    std::string text = mime::fold(mime::toUtf8(key.text, charset_));
    if (text.empty()) {
      // Every text holds the empty one.
      node.kind = Kind::All;
      node.cost = Cost::Flags;
      return;
    }
    node.needle = program_.needles.size();
    program_.needles.push_back({std::move(text), key.kind == Kind::Text});
  }

  [[nodiscard]] std::uint64_t keywordBit(const std::string& name) const {
    const std::string folded = mime::foldAscii(name);
    const auto& names = mail_.selected->keywords;
    for (std::size_t bit = 0; bit < names.size(); ++bit)
      if (!names[bit].empty() && mime::foldAscii(names[bit]) == folded) return std::uint64_t{1} << bit;
    return 0;
  }

  const Mail& mail_;
  View charset_;
  Program& program_;
};

/// The smallest set that a message must be in, whatever the other keys say.
store::UidSet baseOf(const Mail& mail, const Node& root) {
  if (root.kind == Kind::Numbers || root.kind == Kind::Uid) return root.set;
  if (root.kind == Kind::And)
    for (const Node& child : root.children)
      if (child.kind == Kind::Numbers || child.kind == Kind::Uid) return child.set;
  return store::UidSet::of(mail.selected->sequence.ranges());
}

}  // namespace

Result<Program> prepare(const Mail& mail, const imap::SearchProgram& asked) {
  if (!asked.charset.empty() && !mime::knownCharset(asked.charset))
    return Error{Errc::Unsupported, "charset", "[BADCHARSET (US-ASCII UTF-8)] Unknown charset"};
  Program program;
  if (octetsOf(asked.key) > kMostText)
    return Error{Errc::Unsupported, "search text", "[LIMIT] Too much text to look for"};
  const View charset = asked.charset.empty() ? View("UTF-8") : View(asked.charset);
  PH_TRY(program.root, Preparer(mail, charset, program).node(asked.key));
  program.cost = program.root.cost;
  program.base = baseOf(mail, program.root);
  return program;
}

}  // namespace posthorn::imapd::search
