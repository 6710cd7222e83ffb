// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/judge.h"

#include <algorithm>
#include <array>

#include "common/store/schema.h"

namespace posthorn::store::objects {

namespace {

using Kind = Filter::Kind;

Result<std::uint64_t> keywordBit(Snapshot& from, const Box& box, const std::string& name) {
  const auto value = from.get(key::keywords(box.number));
  if (!value.ok() && value.error().code == Errc::NotFound) return std::uint64_t{0};
  if (!value.ok()) return value.error();
  PH_TRY(const auto table, KeywordTable::decode(*value));
  const auto bit = table.find(name);
  return bit ? std::uint64_t{1} << *bit : std::uint64_t{0};
}

bool hasAll(const std::string& text, const std::vector<std::string>& words) {
  return std::all_of(words.begin(), words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

}  // namespace

Result<FlagTest> FlagTest::make(Snapshot& from, const Emails& emails, const FlagName& name) {
  FlagTest test;
  test.system_ = name.system;
  test.bits_.assign(emails.boxes().size(), 0);
  if (name.system != 0) return test;
  for (std::size_t i = 0; i < emails.boxes().size(); ++i) {
    PH_TRY(test.bits_[i], keywordBit(from, emails.boxes()[i], name.keyword));
  }
  return test;
}

bool FlagTest::has(const Emails& emails, std::size_t email) const {
  for (const Emails::Copy copy : emails.copies(email)) {
    const Mark& mark = emails.mark(copy);
    if ((mark.flags & system_) != 0 || (mark.keywords & bits_[copy.box]) != 0) return true;
  }
  return false;
}

void FlagTest::readThreads(const Emails& emails) {
  threads_.reserve(emails.size());
  for (std::size_t email = 0; email < emails.size(); ++email)
    threads_[emails.fact(email).threadId] |= has(emails, email) ? kSome : kLacks;
}

struct Judge::Case {
  const AccountHandle& account;
  const Emails& emails;
  std::size_t email;
  std::optional<Texts>& texts;

  Texts& read() {
    if (!texts) {
      const Emails::Copy copy = emails.copies(email).front();
      texts.emplace(account, emails.boxes()[copy.box], emails.fact(copy).uid);
    }
    return *texts;
  }
};

Result<Judge::Node> Judge::prepare(Snapshot& from, const Emails& emails, const Filter& filter) {
  Node node;
  node.kind = filter.kind;
  node.time = filter.time;
  node.number = filter.number;
  node.name = filter.name;
  node.words = wordsOf(filter.text);
  for (const Filter& part : filter.parts) {
    PH_TRY(Node child, prepare(from, emails, part));
    node.cost = std::max(node.cost, child.cost);
    node.parts.push_back(std::move(child));
  }
  std::stable_sort(node.parts.begin(), node.parts.end(),
                   [](const Node& a, const Node& b) { return a.cost < b.cost; });
  for (const Box& box : emails.boxes()) {
    const auto& list = filter.mailboxes;
    node.boxes.push_back(std::find(list.begin(), list.end(), box.record.mailboxId) != list.end());
  }
  const bool ofThread = filter.kind >= Kind::AllInThread && filter.kind <= Kind::NoneInThread;
  if (ofThread || filter.kind == Kind::HasKeyword || filter.kind == Kind::NotKeyword) {
    PH_TRY(FlagTest test, FlagTest::make(from, emails, filter.flag));
    if (ofThread) test.readThreads(emails);
    node.flag = std::make_shared<const FlagTest>(std::move(test));
  }
  if (filter.kind == Kind::Text || filter.kind == Kind::Body) node.cost = Cost::Body;
  if (filter.kind == Kind::Header) node.cost = Cost::Header;
  if (filter.kind == Kind::HasAttachment || (filter.kind >= Kind::From && filter.kind <= Kind::Subject))
    node.cost = Cost::Digest;
  return node;
}

Result<Judge> Judge::make(Snapshot& from, const Emails& emails, const Filter& filter) {
  Judge judge;
  PH_TRY(judge.root_, prepare(from, emails, filter));
  return judge;
}

Result<bool> Judge::matches(const AccountHandle& account, const Emails& emails, std::size_t email,
                            std::optional<Texts>& texts) const {
  Case at{account, emails, email, texts};
  return node(root_, at);
}

Result<bool> Judge::node(const Node& node, Case& at) {
  if (node.kind <= Kind::Not) return group(node, at);
  if (node.kind >= Kind::HasAttachment) return texts(node, at);
  if (node.flag) return flags(node, at);
  return facts(node, at);
}

Result<bool> Judge::group(const Node& node, Case& at) {
  for (const Node& part : node.parts) {
    PH_TRY(const bool matched, Judge::node(part, at));
    if (node.kind == Kind::And && !matched) return false;
    if (node.kind == Kind::Or && matched) return true;
    if (node.kind == Kind::Not && matched) return false;
  }
  return node.kind != Kind::Or;
}

Result<bool> Judge::flags(const Node& node, Case& at) {
  const std::uint64_t thread = at.emails.fact(at.email).threadId;
  switch (node.kind) {
    case Kind::AllInThread:
      return node.flag->allInThread(thread);
    case Kind::SomeInThread:
      return node.flag->someInThread(thread);
    case Kind::NoneInThread:
      return !node.flag->someInThread(thread);
    case Kind::NotKeyword:
      return !node.flag->has(at.emails, at.email);
    default:
      return node.flag->has(at.emails, at.email);
  }
}

Result<bool> Judge::facts(const Node& node, Case& at) {
  const Fact& fact = at.emails.fact(at.email);
  const auto copies = at.emails.copies(at.email);
  const auto in = [&](const Emails::Copy copy) { return bool{node.boxes[copy.box]}; };
  switch (node.kind) {
    case Kind::InMailbox:
      return std::any_of(copies.begin(), copies.end(), in);
    case Kind::InMailboxOtherThan:
      return !std::all_of(copies.begin(), copies.end(), in);
    case Kind::Before:
      return fact.received * 1000 < node.time;
    case Kind::After:
      return fact.received * 1000 >= node.time;
    case Kind::MinSize:
      return fact.size >= node.number;
    default:
      return fact.size < node.number;  // MaxSize
  }
}

Result<bool> Judge::texts(const Node& node, Case& at) {
  Texts& texts = at.read();
  if (node.kind == Kind::HasAttachment) {
    PH_TRY(const bool has, texts.hasAttachment());
    return has == (node.number != 0);
  }
  if (node.kind == Kind::Header) return texts.header(node.name, node.words);
  if (node.kind == Kind::Text) return anywhere(node, texts);
  if (node.kind == Kind::Body) {
    if (node.words.empty()) return true;
    PH_TRY(const auto found, texts.body(node.words));
    return std::find(found.begin(), found.end(), false) == found.end();
  }
  Result<std::string> text = node.kind == Kind::From  ? texts.from()
                             : node.kind == Kind::To  ? texts.to()
                             : node.kind == Kind::Cc  ? texts.cc()
                             : node.kind == Kind::Bcc ? texts.bcc()
                                                      : texts.subject();
  if (!text.ok()) return text.error();
  return hasAll(*text, node.words);
}

Result<bool> Judge::anywhere(const Node& node, Texts& texts) {
  PH_TRY(std::string head, texts.subject());
  constexpr std::array kFields{&Texts::from, &Texts::to, &Texts::cc, &Texts::bcc};
  for (const auto read : kFields) {
    PH_TRY(const std::string more, (texts.*read)());
    head += "\n" + more;
  }
  std::vector<std::string> missing;
  for (const std::string& word : node.words)
    if (head.find(word) == std::string::npos) missing.push_back(word);
  if (missing.empty()) return true;
  PH_TRY(const auto found, texts.body(missing));
  return std::find(found.begin(), found.end(), false) == found.end();
}

}  // namespace posthorn::store::objects
