// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/response_code.h"

#include "common/imap/parse/responses.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::responses {
namespace {

/// word word, up to "]"
Result<std::vector<std::string>> bareWords(Scanner& in) {
  std::vector<std::string> words;
  while (in.peek() != ']') {
    PH_TRY(const View word, in.atom());
    words.emplace_back(word);
    if (!in.take(' ')) break;
  }
  return words;
}

/// ("a" b)
Result<std::vector<std::string>> strings(Scanner& in) {
  std::vector<std::string> all;
  PH_CHECK(in.expect('('));
  do {
    PH_TRY(std::string text, in.astring());
    all.push_back(std::move(text));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return all;
}

Status uidPlus(Scanner& in, ResponseCode& code, bool source) {
  PH_TRY(code.number, in.nzNumber());
  PH_CHECK(in.space());
  if (source) {
    PH_TRY(code.source, parseSequenceSet(in, SetForm::NumbersOnly));
    PH_CHECK(in.space());
  }
  PH_TRY(code.target, parseSequenceSet(in, SetForm::NumbersOnly));
  return okStatus();
}

Status operand(Scanner& in, ResponseCode& code) {
  const CodeForm form = codeForm(code.kind);
  if (form == CodeForm::Bare) return okStatus();
  if (form == CodeForm::OptionalStrings && in.peek() == ']') return okStatus();
  if (form == CodeForm::Words && in.peek() == ']') return okStatus();
  PH_CHECK(in.space());
  switch (form) {
    case CodeForm::Number: {
      PH_TRY(code.number, in.number64());
      return okStatus();
    }
    case CodeForm::Numbers: {
      PH_TRY(code.number, in.number64());
      if (!in.take(' ')) return okStatus();
      PH_TRY(code.before, in.number64());
      return okStatus();
    }
    case CodeForm::Words: {
      PH_TRY(code.words, bareWords(in));
      return okStatus();
    }
    case CodeForm::List: {
      PH_TRY(code.words, wordList(in));
      return okStatus();
    }
    case CodeForm::OptionalStrings: {
      PH_TRY(code.words, strings(in));
      return okStatus();
    }
    case CodeForm::Set: {
      PH_TRY(code.target, parseSequenceSet(in, SetForm::NumbersOnly));
      return okStatus();
    }
    default:
      return uidPlus(in, code, form == CodeForm::NumberAndSets);
  }
}

/// A code that is not known: its name and, as one word, what follows up to "]".
Status unknown(Scanner& in, View name, ResponseCode& code) {
  code.words.emplace_back(name);
  if (in.take(' ')) code.words.emplace_back(in.takeUntil(']'));
  return okStatus();
}

}  // namespace

Status statusText(Scanner& in, ResponseCode& code, std::string& text) {
  if (in.take('[')) {
    PH_TRY(const View name, in.atom());
    code.kind = codeKind(name);
    PH_CHECK(code.kind == ResponseCode::Kind::Other ? unknown(in, name, code) : operand(in, code));
    PH_CHECK(in.expect(']'));
    in.take(' ');
  }
  text = in.takeLine();
  return okStatus();
}

}  // namespace posthorn::imap::responses
