// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/command.h"

#include <array>

#include "common/base/base64.h"
#include "common/imap/print/fetch.h"
#include "common/imap/print/jmap_command.h"
#include "common/imap/print/response.h"
#include "common/imap/types/names.h"

namespace posthorn::imap {
namespace {

/// Prints the arguments of one command, each with the blank before it.
struct ArgsPrinter {
  std::string& out;
  PrintOptions options;

  std::string& next() {
    out.push_back(' ');
    return out;
  }
  void mailbox(const MailboxName& name) { putMailbox(next(), name.utf8, options); }
  void set(const SequenceSet& value) { putSequenceSet(next(), value); }

  void operator()(const NoArgs& /*args*/) {}
  void operator()(const AppendArgs& args) { mailbox(args.mailbox); }
  void operator()(const CompressArgs& args) { next().append(args.algorithm); }
  void operator()(const MailboxArgs& args) { mailbox(args.mailbox); }
  void operator()(const IdArgs& args) { putIdFields(next(), args.fields, options); }

  void operator()(const AuthenticateArgs& args) {
    next().append(args.mechanism);
    if (args.initial) next().append(args.initial->empty() ? "=" : base64::encode(*args.initial));
  }

  void operator()(const LoginArgs& args) {
    putAstring(next(), args.user, options);
    putAstring(next(), args.password, options);
  }

  void operator()(const CopyArgs& args) {
    set(args.set);
    mailbox(args.mailbox);
  }

  void operator()(const CreateArgs& args) {
    mailbox(args.mailbox);
    if (args.use.empty()) return;
    next().append("(USE ");
    ListWriter list(out);
    for (const std::string& use : args.use) list.word(use);
    list.end();
    out.push_back(')');
  }

  void operator()(const EnableArgs& args) {
    for (const std::string& name : args.capabilities) next().append(name);
  }

  void operator()(const ExpungeArgs& args) {
    if (args.uids) set(*args.uids);
  }

  void operator()(const ProxyAuthArgs& args) { putAstring(next(), args.user, options); }

  void operator()(const GetMetadataArgs& args) {
    if (args.maxSize || args.depth != MetadataDepth::Zero) metadataOptions(args);
    mailbox(args.mailbox);
    ListWriter list(next());
    for (const std::string& name : args.entries) putAstring(list.next(), name, options);
    list.end();
  }

  void operator()(const SetMetadataArgs& args) {
    mailbox(args.mailbox);
    ListWriter list(next());
    for (const MetadataEntry& entry : args.entries) {
      putAstring(list.next(), entry.name, options);
      putOctets(list.next(), entry.value, options);
    }
    list.end();
  }

  void operator()(const SwapMetadataArgs& args) {
    mailbox(args.mailbox);
    ListWriter list(next());
    for (const SwapMetadataArgs::Change& change : args.changes) {
      putAstring(list.next(), change.name, options);
      putOctets(list.next(), change.before, options);
      putOctets(list.next(), change.after, options);
    }
    list.end();
  }

  void operator()(const jmap::ChangesArgs& args) { putArgs(out, args, options); }
  void operator()(const jmap::MailboxesArgs& args) { putArgs(out, args, options); }
  void operator()(const jmap::MessagesArgs& args) { putArgs(out, args, options); }
  void operator()(const jmap::QueryArgs& args) { putArgs(out, args, options); }
  void operator()(const jmap::ThreadsArgs& args) { putArgs(out, args, options); }
  void operator()(const jmap::UpdateArgs& args) { putArgs(out, args, options); }

  void operator()(const IdentifierArgs& args) {
    mailbox(args.mailbox);
    putAstring(next(), args.identifier, options);
  }

  void operator()(const SetAclArgs& args) {
    using Action = SetAclArgs::Action;
    mailbox(args.mailbox);
    putAstring(next(), args.identifier, options);
    const char* sign = args.action == Action::Add ? "+" : args.action == Action::Remove ? "-" : "";
    putAstring(next(), sign + args.rights, options);
  }

  void operator()(const QuotaArgs& args) { putAstring(next(), args.root, options); }

  void operator()(const SetQuotaArgs& args) {
    putAstring(next(), args.root, options);
    ListWriter list(next());
    for (const auto& [name, limit] : args.limits) {
      list.word(name);
      putNumber(list.next(), limit);
    }
    list.end();
  }

  void operator()(const RenameArgs& args) {
    mailbox(args.from);
    mailbox(args.to);
  }

  void operator()(const StatusArgs& args) {
    mailbox(args.mailbox);
    statusItems(args.items);
  }

  void operator()(const FetchArgs& args) {
    set(args.set);
    ListWriter list(next());
    for (const FetchAttribute& attribute : args.attributes)
      putFetchAttribute(list.next(), attribute, options);
    list.end();
    if (!args.changedSince) return;
    next().append("(CHANGEDSINCE ");
    putNumber(out, *args.changedSince);
    out.append(args.vanished ? " VANISHED)" : ")");
  }

  void operator()(const StoreArgs& args) {
    constexpr std::array<View, 3> kSigns{"", "+", "-"};
    set(args.set);
    if (args.unchangedSince) {
      next().append("(UNCHANGEDSINCE ");
      putNumber(out, *args.unchangedSince);
      out.push_back(')');
    }
    next().append(kSigns[static_cast<std::size_t>(args.action)]).append("FLAGS");
    if (args.silent) out.append(".SILENT");
    putFlags(next(), args.flags);
  }

  void operator()(const SelectArgs& args) {
    mailbox(args.mailbox);
    if (!args.condstore && !args.qresync) return;
    ListWriter list(next());
    if (args.condstore) list.word("CONDSTORE");
    if (args.qresync) qresync(list, *args.qresync);
    list.end();
  }

  void operator()(const ListArgs& args) {
    if (!args.selecting.empty()) selectOptions(args.selecting);
    putMailbox(next(), args.reference, options);
    if (args.patterns.size() == 1) {
      pattern(next(), args.patterns.front());
    } else {
      ListWriter list(next());
      for (const std::string& one : args.patterns) pattern(list.next(), one);
      list.end();
    }
    // With nothing to say at all, an empty RETURN keeps it the extended command that it is.
    const bool plain = args.selecting.empty() && args.patterns.size() == 1;
    if (!args.returning.empty() || (args.extended && plain)) returnOptions(args);
  }

  void operator()(const SearchArgs& args) {
    searchReturn(args.extended, args.returning);
    if (!args.program.charset.empty()) next().append("CHARSET");
    program(args.program);
  }

  void operator()(const SortArgs& args) {
    searchReturn(args.extended, args.returning);
    ListWriter list(next());
    for (const SortCriterion& criterion : args.criteria) {
      if (criterion.reverse) list.word("REVERSE");
      list.word(kSortKeyNames.of(criterion.key));
    }
    list.end();
    program(args.program);
  }

  void operator()(const ThreadArgs& args) {
    next().append(args.algorithm);
    program(args.program);
  }

 private:
  template <typename E, std::size_t N>
  void members(ListWriter& list, const Names<E, N>& names, EnumSet<E> set) {
    for (std::size_t i = 0; i < N; ++i)
      if (set.has(static_cast<E>(i))) list.word(names.list[i]);
  }

  void statusItems(StatusItems items) {
    ListWriter list(next());
    members(list, kStatusItemNames, items);
    list.end();
  }

  void metadataOptions(const GetMetadataArgs& args) {
    ListWriter list(next());
    if (args.maxSize) {
      list.word("MAXSIZE");
      putNumber(list.next(), *args.maxSize);
    }
    if (args.depth == MetadataDepth::One) list.word("DEPTH 1");
    if (args.depth == MetadataDepth::Infinity) list.word("DEPTH infinity");
    list.end();
  }

  void qresync(ListWriter& list, const QresyncArgs& args) {
    list.word("QRESYNC (");
    putNumber(out, args.uidValidity);
    putNumber(next(), args.modseq);
    if (args.knownUids) set(*args.knownUids);
    if (args.match) {
      next().push_back('(');
      putSequenceSet(out, args.match->numbers);
      set(args.match->uids);
      out.push_back(')');
    }
    out.push_back(')');
  }

  void pattern(std::string& to, const std::string& text) {
    // Wildcards are no ATOM-CHARs, and quoted ones are the same.
    putMailbox(to, text, options);
  }

  void selectOptions(EnumSet<ListSelect> selecting) {
    ListWriter list(next());
    members(list, kListSelectNames, selecting);
    list.end();
  }

  void returnOptions(const ListArgs& args) {
    next().append("RETURN ");
    ListWriter list(out);
    members(list, kListReturnNames, args.returning);
    // STATUS is the last of them, and its items follow it.
    if (args.returning.has(ListReturn::Status)) statusItems(args.statusItems);
    list.end();
  }

  void searchReturn(bool extended, EnumSet<SearchReturn> returning) {
    if (!extended) return;
    next().append("RETURN ");
    ListWriter list(out);
    members(list, kSearchReturnNames, returning);
    list.end();
  }

  void program(const SearchProgram& value) {
    if (!value.charset.empty()) putAstring(next(), value.charset, options);
    if (value.key.kind != SearchKey::Kind::And) return putSearchKey(next(), value.key, options);
    for (const SearchKey& key : value.key.children) putSearchKey(next(), key, options);
  }
};

}  // namespace

void putCommand(std::string& out, const Command& command, PrintOptions options) {
  out.append(command.tag);
  out.append(command.uid ? " UID " : " ");
  out.append(toString(command.name));
  std::visit(ArgsPrinter{out, options}, command.args);
  out.append(command.name == CommandName::Append ? " " : "\r\n");
}

void putAppendMessage(std::string& out, const AppendMessage& message, std::uint64_t octets,
                      PrintOptions options) {
  if (!message.flags.empty()) {
    putFlags(out, message.flags);
    out.push_back(' ');
  }
  if (message.internalDate) {
    putDateTime(out, *message.internalDate);
    out.push_back(' ');
  }
  if (message.utf8) out.append("UTF8 (");
  if (message.binary) out.push_back('~');
  putLiteralMark(out, octets, options);
}

void putAppendMessageEnd(std::string& out, const AppendMessage& message) {
  if (message.utf8) out.push_back(')');
}

}  // namespace posthorn::imap
