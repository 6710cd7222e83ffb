// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/response_code.h"

#include <array>

#include "common/base/ascii.h"

namespace posthorn::imap {
namespace {

using Kind = ResponseCode::Kind;

struct Row {
  std::string_view name;
  CodeForm form = CodeForm::Bare;
};

/// In the order of the enum.
constexpr std::array<Row, 50> kRows{{
    {""},
    {"ALERT"},
    {"ALREADYEXISTS"},
    {"APPENDLIMIT", CodeForm::Number},
    {"APPENDUID", CodeForm::NumberAndSet},
    {"AUTHENTICATIONFAILED"},
    {"AUTHORIZATIONFAILED"},
    {"BADCHARSET", CodeForm::OptionalStrings},
    {"CANNOT"},
    {"CAPABILITY", CodeForm::Words},
    {"CLIENTBUG"},
    {"CLOSED"},
    {"COMPRESSIONACTIVE"},
    {"CONTACTADMIN"},
    {"COPYUID", CodeForm::NumberAndSets},
    {"CORRUPTION"},
    {"EXPIRED"},
    {"EXPUNGEISSUED"},
    {"HASCHILDREN"},
    {"HIGHESTMODSEQ", CodeForm::Number},
    {"INUSE"},
    {"LIMIT"},
    {"MAILBOXID", CodeForm::List},
    {"METADATA", CodeForm::Words},
    {"MODIFIED", CodeForm::Set},
    {"NOMODSEQ"},
    {"NONEXISTENT"},
    {"NOPERM"},
    {"NOTSAVED"},
    {"OVERQUOTA"},
    {"PARSE"},
    {"PERMANENTFLAGS", CodeForm::List},
    {"PRIVACYREQUIRED"},
    {"READ-ONLY"},
    {"READ-WRITE"},
    {"SERVERBUG"},
    {"TOOBIG"},
    {"TRYCREATE"},
    {"UIDNEXT", CodeForm::Number},
    {"UIDNOTSTICKY"},
    {"UIDVALIDITY", CodeForm::Number},
    {"UNAVAILABLE"},
    {"UNKNOWN-CTE"},
    {"UNSEEN", CodeForm::Number},
    {"USEATTR"},
    {"XANCHORNOTFOUND"},
    {"XCANNOTCALCULATE"},
    {"XSTATE", CodeForm::Numbers},
    {"XSTATEMISMATCH"},
    {""},
}};
static_assert(kRows.size() == static_cast<std::size_t>(Kind::Other) + 1);

const Row& rowOf(Kind kind) {
  return kRows[static_cast<std::size_t>(kind)];
}

}  // namespace

CodeForm codeForm(Kind kind) {
  return rowOf(kind).form;
}

std::string_view toString(Kind kind) {
  return rowOf(kind).name;
}

Kind codeKind(std::string_view text) {
  for (std::size_t i = 1; i + 1 < kRows.size(); ++i)
    if (ascii::equal(kRows[i].name, text)) return static_cast<Kind>(i);
  return Kind::Other;
}

}  // namespace posthorn::imap
