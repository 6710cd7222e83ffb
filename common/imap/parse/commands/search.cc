// SPDX-License-Identifier: Apache-2.0
#include "common/base/ascii.h"
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"
#include "common/imap/types/names.h"
#include "common/imap/types/search_keys.h"

namespace posthorn::imap::commands {
namespace {

using Kind = SearchKey::Kind;

/// Reads keys into trees, counting their nodes and their depth.
class KeyReader {
 public:
  explicit KeyReader(Scanner& in) : in_(in) {}

  /// search-key *(SP search-key), up to the end of the line or a ")".
  Result<SearchKey> sequence(std::size_t depth) {
    std::vector<SearchKey> keys;
    do {
      PH_TRY(SearchKey next, key(depth));
      keys.push_back(std::move(next));
    } while (in_.take(' ') && !in_.atEnd());
    if (keys.size() == 1) return std::move(keys.front());
    SearchKey all;
    all.kind = Kind::And;
    all.children = std::move(keys);
    return all;
  }

 private:
  Result<SearchKey> key(std::size_t depth) {
    if (++nodes_ > kMaxSearchKeys) return Scanner::tooMuch("Too many search keys");
    if (depth > kMaxSearchDepth) return Scanner::tooMuch("Search keys nested too deeply");
    if (in_.take('(')) {
      PH_TRY(SearchKey group, sequence(depth + 1));
      PH_CHECK(in_.expect(')'));
      return group;
    }
    SearchKey found;
    const char first = in_.peek();
    if (ascii::isDigit(first) || first == '*' || first == '$') {
      found.kind = Kind::Numbers;
      PH_TRY(found.set, parseSequenceSet(in_));
      return found;
    }
    PH_TRY(const View name, in_.atom());
    for (const SearchKeyRow& row : kSearchKeys) {
      if (!ascii::equal(row.name, name)) continue;
      found.kind = row.kind;
      found.flag = row.flag;
      PH_CHECK(operand(row.operand, found, depth));
      return found;
    }
    return Scanner::invalid("Unknown search key");
  }

  Status operand(SearchOperand form, SearchKey& key, std::size_t depth) {
    if (form == SearchOperand::Nothing) return okStatus();
    if (form == SearchOperand::Keys) return children(key, depth);
    PH_CHECK(in_.space());
    switch (form) {
      case SearchOperand::Field:
        return field(key);
      case SearchOperand::Keyword:
        return keyword(key);
      case SearchOperand::Modseq:
        return modseq(key);
      case SearchOperand::Id:
        return objectId(key);
      case SearchOperand::Set: {
        PH_TRY(key.set, parseSequenceSet(in_));
        return okStatus();
      }
      case SearchOperand::Date: {
        PH_TRY(key.date, parseDate(in_));
        return okStatus();
      }
      case SearchOperand::Number: {
        PH_TRY(key.number, in_.number64());
        return okStatus();
      }
      case SearchOperand::Interval: {
        PH_TRY(key.number, in_.nzNumber());
        return okStatus();
      }
      default: {
        PH_TRY(key.text, in_.astring());
        return okStatus();
      }
    }
  }

  Status children(SearchKey& parent, std::size_t depth) {
    const std::size_t count = parent.kind == Kind::Or ? 2 : 1;
    while (parent.children.size() < count) {
      PH_CHECK(in_.space());
      PH_TRY(SearchKey child, key(depth + 1));
      parent.children.push_back(std::move(child));
    }
    return okStatus();
  }

  Status field(SearchKey& key) {
    PH_TRY(key.name, in_.astring());
    PH_CHECK(in_.space());
    PH_TRY(key.text, in_.astring());
    return okStatus();
  }

  Status keyword(SearchKey& key) {
    PH_TRY(const View word, in_.atom());
    if (word.size() > kMaxKeyword) return Scanner::tooMuch("Keyword too long");
    key.text = word;
    return okStatus();
  }

  /// ["/flags/\\seen" all] 5: our MODSEQ is one for all entries (RFC 7162 §3.1.5).
  Status modseq(SearchKey& key) {
    if (in_.peek() == '"') {
      PH_TRY(const std::string entry, in_.string());
      if (!ascii::startsWith(entry, "/flags/")) return Scanner::invalid("Unknown entry");
      PH_CHECK(in_.space());
      PH_TRY(const View type, in_.name());
      if (!ascii::equal(type, "all") && !ascii::equal(type, "priv") && !ascii::equal(type, "shared"))
        return Scanner::invalid("Unknown entry type");
      PH_CHECK(in_.space());
    }
    PH_TRY(key.number, in_.number64());
    return okStatus();
  }

  Status objectId(SearchKey& key) {
    constexpr std::size_t kMaxObjectId = 255;
    PH_TRY(key.text, in_.astring());
    return key.text.size() <= kMaxObjectId ? okStatus() : Scanner::tooMuch("Id too long");
  }

  Scanner& in_;
  std::size_t nodes_ = 0;
};

Status returnOption(Scanner& in, EnumSet<SearchReturn>& options) {
  PH_TRY(const View name, in.name());
  const auto option = kSearchReturnNames.find(name);
  if (!option) return Scanner::invalid("Unknown return option");
  options.add(*option);
  return okStatus();
}

/// RETURN (MIN MAX) and the blank after it, if that is what comes; else leaves all as it is.
Status returnOptions(Scanner& in, bool& extended, EnumSet<SearchReturn>& options) {
  if (!in.takeWord("RETURN")) return okStatus();
  extended = true;
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (!in.take(')')) {
    do {
      PH_CHECK(returnOption(in, options));
    } while (in.take(' '));
    PH_CHECK(in.expect(')'));
  }
  if (options.empty()) options.add(SearchReturn::All);
  return in.space();
}

/// A charset and keys, as SORT and THREAD have them.
Result<SearchProgram> charsetAndKeys(Scanner& in) {
  SearchProgram program;
  PH_TRY(program.charset, in.astring());
  if (program.charset.empty()) return Scanner::invalid("Missing charset");
  PH_CHECK(in.space());
  PH_TRY(program.key, KeyReader(in).sequence(0));
  return program;
}

Status sortCriterion(Scanner& in, SortArgs& args) {
  if (args.criteria.size() == kMaxSortKeys) return Scanner::tooMuch("Too many sort criteria");
  SortCriterion criterion;
  if (in.takeWord("REVERSE")) {
    criterion.reverse = true;
    PH_CHECK(in.space());
  }
  PH_TRY(const View name, in.name());
  const auto key = kSortKeyNames.find(name);
  if (!key) return Scanner::invalid("Unknown sort criterion");
  criterion.key = *key;
  args.criteria.push_back(criterion);
  return okStatus();
}

}  // namespace

Result<Args> search(Scanner& in, UidForm /*uid*/) {
  SearchArgs args;
  PH_CHECK(in.space());
  PH_CHECK(returnOptions(in, args.extended, args.returning));
  if (in.takeWord("CHARSET")) {
    PH_CHECK(in.space());
    PH_TRY(args.program, charsetAndKeys(in));
    return Args(std::move(args));
  }
  PH_TRY(args.program.key, KeyReader(in).sequence(0));
  return Args(std::move(args));
}

Result<Args> sort(Scanner& in, UidForm /*uid*/) {
  SortArgs args;
  PH_CHECK(in.space());
  PH_CHECK(returnOptions(in, args.extended, args.returning));
  PH_CHECK(in.expect('('));
  do {
    PH_CHECK(sortCriterion(in, args));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  PH_CHECK(in.space());
  PH_TRY(args.program, charsetAndKeys(in));
  return Args(std::move(args));
}

Result<Args> thread(Scanner& in, UidForm /*uid*/) {
  ThreadArgs args;
  PH_CHECK(in.space());
  PH_TRY(const View algorithm, in.atom());
  args.algorithm = ascii::toUpper(algorithm);
  PH_CHECK(in.space());
  PH_TRY(args.program, charsetAndKeys(in));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
