// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/imap/print/response.h"
#include "common/imap/types/response_code.h"

namespace posthorn::imap {
namespace {

void putWords(std::string& out, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out.push_back(' ');
    out.append(words[i]);
  }
}

void putWordList(std::string& out, const std::vector<std::string>& words) {
  out.push_back('(');
  putWords(out, words);
  out.push_back(')');
}

void putOperand(std::string& out, const ResponseCode& code) {
  switch (codeForm(code.kind)) {
    case CodeForm::Bare:
      return;
    case CodeForm::Number:
      out.push_back(' ');
      return putNumber(out, code.number);
    case CodeForm::Numbers:
      out.push_back(' ');
      putNumber(out, code.number);
      if (!code.before) return;
      out.push_back(' ');
      return putNumber(out, *code.before);
    case CodeForm::Words:
      out.push_back(' ');
      return putWords(out, code.words);
    case CodeForm::List:
      out.push_back(' ');
      return putWordList(out, code.words);
    case CodeForm::OptionalStrings: {
      if (code.words.empty()) return;
      out.push_back(' ');
      ListWriter list(out);
      for (const std::string& word : code.words) putAstring(list.next(), word);
      return list.end();
    }
    case CodeForm::Set:
      out.push_back(' ');
      return putSequenceSet(out, code.target);
    case CodeForm::NumberAndSet:
    case CodeForm::NumberAndSets:
      out.push_back(' ');
      putNumber(out, code.number);
      if (codeForm(code.kind) == CodeForm::NumberAndSets) {
        out.push_back(' ');
        putSequenceSet(out, code.source);
      }
      out.push_back(' ');
      return putSequenceSet(out, code.target);
  }
}

}  // namespace

void putCode(std::string& out, const ResponseCode& code) {
  if (code.kind == ResponseCode::Kind::None) return;
  out.push_back('[');
  out.append(toString(code.kind));
  if (code.kind == ResponseCode::Kind::Other) {
    putWords(out, code.words);
  } else {
    putOperand(out, code);
  }
  out.push_back(']');
}

}  // namespace posthorn::imap
