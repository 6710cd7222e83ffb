// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/jmap_command.h"

#include <algorithm>

#include "common/imap/print/fetch.h"
#include "common/imap/types/jmap_names.h"

namespace posthorn::imap {
namespace {

/// A line grows to this, then its next id becomes a literal, which begins a new one.
constexpr std::size_t kLineOctets = 4096;

class Writer {
 public:
  Writer(std::string& out, PrintOptions options) : out_(out), options_(options), line_(out.size()) {}

  std::string& next() {
    out_.push_back(' ');
    return out_;
  }
  void owner(const std::string& name) {
    if (name.empty()) return;
    next().append("OWNER ");
    putAstring(out_, name, options_);
  }
  void number(View word, std::uint64_t value) {
    next().append(word).push_back(' ');
    putNumber(out_, value);
  }
  void signedNumber(View word, std::int64_t value) {
    if (!word.empty()) next().append(word);
    next();
    if (value < 0) out_.push_back('-');
    putNumber(out_, value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value));
  }
  void id(const jmap::Id& id) {
    if (options_.literalPlus && out_.size() - line_ > kLineOctets) {
      putLiteralMark(out_, id.size(), options_);
      line_ = out_.size();
      out_.append(id);
    } else {
      putAstring(out_, id, options_);
    }
  }
  void ids(const std::vector<jmap::Id>& list) {
    ListWriter writer(next());
    for (const jmap::Id& one : list) {
      writer.next();
      id(one);
    }
    writer.end();
  }
  void flags(View word, const std::vector<std::string>& names) {
    next().append(word).push_back(' ');
    ListWriter writer(out_);
    for (const std::string& name : names) writer.word(name);
    writer.end();
  }
  void mailboxes(View word, const std::vector<jmap::Id>& list) {
    next().append(word);
    ids(list);
  }

  void filter(const jmap::Filter& node) {
    using Kind = jmap::Filter::Kind;
    next().append("(").append(jmap::kFilterNames.of(node.kind));
    for (const jmap::Filter& part : node.parts) filter(part);
    if (ofFilters(node.kind)) return out_.push_back(')');
    if (node.kind == Kind::InMailbox) {
      next();
      id(node.ids.empty() ? jmap::Id() : node.ids.front());
    } else if (node.kind == Kind::InMailboxOtherThan) {
      ids(node.ids);
    } else if (ofTime(node.kind)) {
      signedNumber("", node.time);
    } else if (ofNumber(node.kind)) {
      putNumber(next(), node.number);
    } else if (jmap::ofKeyword(node.kind)) {
      next().append(node.text);
    } else {
      if (node.kind == Kind::Header) text(node.name);
      text(node.text);
    }
    out_.push_back(')');
  }

  void comparators(const std::vector<jmap::Comparator>& sort) {
    next().append("SORT ");
    ListWriter list(out_);
    for (const jmap::Comparator& one : sort) {
      if (!one.ascending) list.word("REVERSE");
      list.word(jmap::kComparatorNames.of(one.key));
      if (jmap::ofKeyword(one.key)) list.word(one.keyword);
    }
    list.end();
  }

  void update(ListWriter& list, const jmap::Update& one) {
    list.next().push_back('(');
    id(one.id);
    if (one.destroy) {
      out_.append(" DESTROY)");
      return;
    }
    if (one.setFlags) flags("FLAGS", *one.setFlags);
    if (!one.addFlags.empty()) flags("+FLAGS", one.addFlags);
    if (!one.dropFlags.empty()) flags("-FLAGS", one.dropFlags);
    if (one.setMailboxes) mailboxes("MAILBOXES", *one.setMailboxes);
    if (!one.addMailboxes.empty()) mailboxes("+MAILBOXES", one.addMailboxes);
    if (!one.dropMailboxes.empty()) mailboxes("-MAILBOXES", one.dropMailboxes);
    out_.push_back(')');
  }

 private:
  void text(const std::string& value) {
    // A literal where it is no ASCII: what a session has enabled does not matter then.
    putString(next(), value, {.utf8 = false, .literalPlus = options_.literalPlus});
    line_ = std::max(line_, out_.rfind('\n') + 1);
  }

  std::string& out_;
  PrintOptions options_;
  std::size_t line_;  // where the line begins
};

}  // namespace

void putArgs(std::string& out, const jmap::MailboxesArgs& args, PrintOptions options) {
  Writer(out, options).owner(args.owner);
}

void putArgs(std::string& out, const jmap::ChangesArgs& args, PrintOptions options) {
  Writer writer(out, options);
  writer.owner(args.owner);
  writer.number(jmap::kDataTypeNames.of(args.type), args.since);
  if (!args.after.empty()) {
    writer.next().append("AFTER ");
    writer.id(args.after);
  }
  if (args.most > 0) writer.number("MAX", args.most);
}

void putArgs(std::string& out, const jmap::QueryArgs& args, PrintOptions options) {
  Writer writer(out, options);
  writer.owner(args.owner);
  if (args.filter) {
    writer.next().append("FILTER");
    writer.filter(*args.filter);
  }
  if (!args.sort.empty()) writer.comparators(args.sort);
  if (args.collapseThreads) writer.next().append("COLLAPSE");
  if (args.anchor) {
    writer.next().append("ANCHOR ");
    writer.id(*args.anchor);
    if (args.anchorOffset != 0) writer.signedNumber("OFFSET", args.anchorOffset);
  } else if (args.position != 0) {
    writer.signedNumber("POSITION", args.position);
  }
  if (args.limit) writer.number("LIMIT", *args.limit);
  if (args.total) writer.next().append("TOTAL");
}

void putArgs(std::string& out, const jmap::ThreadsArgs& args, PrintOptions options) {
  Writer writer(out, options);
  writer.owner(args.owner);
  writer.ids(args.ids);
}

void putArgs(std::string& out, const jmap::MessagesArgs& args, PrintOptions options) {
  Writer writer(out, options);
  writer.owner(args.owner);
  writer.ids(args.ids);
  ListWriter list(writer.next());
  for (const FetchAttribute& attribute : args.attributes) putFetchAttribute(list.next(), attribute, options);
  list.end();
}

void putArgs(std::string& out, const jmap::UpdateArgs& args, PrintOptions options) {
  Writer writer(out, options);
  writer.owner(args.owner);
  if (args.ifState) writer.number("IFSTATE", *args.ifState);
  ListWriter list(writer.next());
  for (const jmap::Update& one : args.updates) writer.update(list, one);
  list.end();
}

}  // namespace posthorn::imap
