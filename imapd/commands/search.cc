// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/search/program.h"
#include "imapd/sync.h"

namespace posthorn::imapd {
namespace {

std::uint32_t nameOf(const Mail& mail, store::Uid uid, bool byUid) {
  return byUid ? uid : mail.selected->sequence.number(uid);
}

imap::SequenceSet setOf(const Mail& mail, const std::vector<store::Uid>& uids, bool byUid) {
  imap::SequenceSet set;
  for (const store::Uid uid : uids) {
    const std::uint32_t name = nameOf(mail, uid, byUid);
    if (!set.ranges.empty() && set.ranges.back().last + 1 == name) {
      set.ranges.back().last = name;
    } else {
      set.ranges.push_back({name, name});
    }
  }
  return set;
}

void answerPlain(std::string& out, const Mail& mail, const search::Found& found, bool modseq, bool uid) {
  imap::SearchData data;
  data.numbers.reserve(found.uids.size());
  for (const store::Uid one : found.uids) data.numbers.push_back(nameOf(mail, one, uid));
  if (modseq && !found.uids.empty()) data.modseq = found.highest;
  imap::putSearch(out, data);
}

/// Of what was asked for: one end, both ends, or all that was found (RFC 4731 3.2).
store::Modseq modseqOf(const imap::SearchArgs& args, const search::Found& found) {
  using imap::SearchReturn;
  if (args.returning.has(SearchReturn::All) || args.returning.has(SearchReturn::Count)) return found.highest;
  store::Modseq highest = 0;
  if (args.returning.has(SearchReturn::Min)) highest = found.first;
  if (args.returning.has(SearchReturn::Max)) highest = std::max(highest, found.last);
  return highest;
}

/// RFC 4731.
void answerExtended(std::string& out, const Mail& mail, const imap::SearchArgs& args,
                    const search::Found& found, bool modseq, Request request) {
  using imap::SearchReturn;
  imap::EsearchData data;
  data.tag = request.tag;
  data.uid = request.uid;
  if (!found.uids.empty()) {
    if (args.returning.has(SearchReturn::Min)) data.min = nameOf(mail, found.uids.front(), request.uid);
    if (args.returning.has(SearchReturn::Max)) data.max = nameOf(mail, found.uids.back(), request.uid);
    if (args.returning.has(SearchReturn::All)) data.all = setOf(mail, found.uids, request.uid);
    if (modseq) data.modseq = modseqOf(args, found);
  }
  if (args.returning.has(SearchReturn::Count)) data.count = found.uids.size();
  imap::putEsearch(out, data);
}

}  // namespace

/// SEARCH (RFC 3501 6.4.4) and its extended form (RFC 4731).
Result<Answer> commands::search(Mail& mail, const imap::SearchArgs& args, Request request) {
  if (args.returning.has(imap::SearchReturn::Save)) return badAnswer("SAVE is not offered");
  Answer answer;
  // Keywords that others have added since are searched for, too.
  PH_CHECK(refreshKeywords(*mail.selected, answer.untagged));
  const auto program = search::prepare(mail, args.program);
  if (!program.ok()) {
    if (program.error().code != Errc::Unsupported) return badAnswer(program.error().client);
    answer.status = "NO";
    answer.text = program.error().client;
    return answer;
  }
  if (program->modseq) enableCondstore(mail, answer.untagged);
  PH_TRY(const auto found, search::run(mail, *program));
  if (args.extended) {
    answerExtended(answer.untagged, mail, args, found, program->modseq, request);
  } else {
    answerPlain(answer.untagged, mail, found, program->modseq, request.uid);
  }
  return answer;
}

}  // namespace posthorn::imapd
