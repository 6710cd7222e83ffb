// SPDX-License-Identifier: Apache-2.0
#include "imapd/fetch/fetch_transfer.h"

#include <algorithm>

#include "common/mime/bodystructure.h"
#include "imapd/messages.h"
#include "imapd/object_id.h"
#include "imapd/sync.h"

namespace posthorn::imapd {
namespace {

using Kind = imap::FetchAttribute::Kind;

// Longer texts are sent from their file.
constexpr std::uint64_t kMostRead = 32UL * 1024;
// Messages of a batch whose texts are sent; these are marked \Seen together.
constexpr std::size_t kTextBatch = 64;

bool isBinary(Kind kind) {
  return kind == Kind::Binary || kind == Kind::BinarySize;
}

bool isSection(Kind kind) {
  return kind == Kind::BodySection || kind == Kind::Rfc822 || kind == Kind::Rfc822Header ||
         kind == Kind::Rfc822Text;
}

mime::Section sectionOf(const imap::FetchAttribute& attribute) {
  mime::Section section;
  if (attribute.kind == Kind::Rfc822Header) section.text = mime::Section::Text::Header;
  if (attribute.kind == Kind::Rfc822Text) section.text = mime::Section::Text::Text;
  if (attribute.kind != Kind::BodySection) return section;
  section.path = attribute.section.part;
  section.text = static_cast<mime::Section::Text>(attribute.section.text);
  section.fields = attribute.section.fields;
  return section;
}
static_assert(static_cast<int>(mime::Section::Text::Mime) == static_cast<int>(imap::Section::Text::Mime));

imap::FetchAttribute plain(Kind kind) {
  imap::FetchAttribute attribute;
  attribute.kind = kind;
  return attribute;
}

}  // namespace

FetchTransfer::FetchTransfer(imap::FetchArgs args, bool uid, std::size_t window)
    : args_(std::move(args)), uid_(uid), most_(window) {
  const auto has = [this](Kind kind) {
    return std::any_of(args_.attributes.begin(), args_.attributes.end(),
                       [kind](const auto& attribute) { return attribute.kind == kind; });
  };
  if (args_.changedSince && !has(Kind::Modseq)) args_.attributes.push_back(plain(Kind::Modseq));
  if (uid_ && !has(Kind::Uid)) args_.attributes.insert(args_.attributes.begin(), plain(Kind::Uid));
  asksFlags_ = has(Kind::Flags);
  asksModseq_ = has(Kind::Modseq);
  bool texts = false;
  for (const auto& attribute : args_.attributes) {
    setsSeen_ = setsSeen_ || imap::setsSeen(attribute);
    texts = texts || isSection(attribute.kind) || isBinary(attribute.kind);
    const bool cheap =
        attribute.kind == Kind::Uid || attribute.kind == Kind::Flags || attribute.kind == Kind::Modseq;
    if (!cheap) columns_ = store::Columns::Facts;
  }
  batchSize_ = texts ? kTextBatch : store::kMaxWindow;
}

Status FetchTransfer::begin(Mail& mail) {
  started_ = true;
  auto set = messagesOf(mail, args_.set, uid_);
  if (!set.ok()) {
    bad_ = set.error().client;
    return {};
  }
  if (asksModseq_) enableCondstore(mail, out_);
  set_ = std::move(*set);
  if (args_.changedSince) {
    PH_TRY(const auto changes, mail.selected->box.changesSince(*args_.changedSince));
    std::vector<store::Uid> changed;
    for (const auto& row : changes.changed)
      if (set_.contains(row.uid)) changed.push_back(row.uid);
    set_ = store::UidSet::of(changed);
  } else if (!uid_) {
    missing_ = set_.count();
  }
  return {};
}

/// False: there are no more messages.
Result<bool> FetchTransfer::nextBatch(Mail& mail) {
  batch_.clear();
  newlySeen_.clear();
  at_ = 0;
  if (next_ == 0) return false;
  PH_TRY(auto window, mail.selected->box.window(set_, next_, columns_, batchSize_));
  next_ = window.next;
  batch_ = std::move(window.rows);
  missing_ -= std::min(missing_, batch_.size());
  // Messages that the session has not been told of have no number yet.
  std::erase_if(batch_,
                [&](const auto& row) { return mail.selected->sequence.number(row.message.uid) == 0; });
  const bool keepsSeen = !mail.selected->readOnly && (mail.selected->rights & store::kMayKeepSeen) != 0;
  if (setsSeen_ && keepsSeen) PH_CHECK(markSeen(mail));
  const bool keywords =
      std::any_of(batch_.begin(), batch_.end(), [](const auto& row) { return row.message.keywords != 0; });
  if (keywords && (asksFlags_ || !newlySeen_.empty())) PH_CHECK(refreshKeywords(*mail.selected, out_));
  return !batch_.empty() || next_ != 0;
}

Status FetchTransfer::markSeen(Mail& mail) {
  for (const auto& row : batch_)
    if ((row.message.flags & store::kSeen) == 0) newlySeen_.push_back(row.message.uid);
  if (newlySeen_.empty()) return {};
  const store::FlagChange change{store::FlagChange::Mode::Add, store::kSeen, {}};
  const auto marked = mail.selected->box.storeFlags(store::UidSet::of(newlySeen_), change);
  // Mail can be read also when the disk is full.
  if (!marked.ok()) {
    newlySeen_.clear();
    return marked.error().code == Errc::Conflict ? Status(marked.error()) : Status();
  }
  mail.selected->told.insert(mail.selected->told.end(), marked->stamps.begin(), marked->stamps.end());
  newlySeen_ = marked->changed;
  return rereadSeen(mail);
}

/// Others may have changed flags between the look at the batch and the marking: what is told of these
/// messages takes the place of what sync() would tell.
Status FetchTransfer::rereadSeen(const Mail& mail) {
  const auto set = store::UidSet::of(newlySeen_);
  auto row = batch_.begin();
  for (store::Uid from = 1; from != 0;) {
    PH_TRY(const auto window, mail.selected->box.window(set, from, store::Columns::Flags));
    from = window.next;
    for (const auto& now : window.rows) {
      row = std::find_if(row, batch_.end(),
                         [&](const auto& old) { return old.message.uid == now.message.uid; });
      if (row == batch_.end()) return {};
      row->message.flags = now.message.flags;
      row->message.keywords = now.message.keywords;
      row->message.modseq = now.message.modseq;
    }
  }
  return {};
}

Result<Window> FetchTransfer::more(Mail& mail) {
  if (!started_) PH_CHECK(begin(mail));
  if (bad_) return Window{{}, badAnswer(*bad_)};
  bool over = false;
  while (!over && out_.size() < most_ && pieces_.size() < kTextBatch) {
    if (at_ < batch_.size()) {
      PH_CHECK(step(mail));
      continue;
    }
    PH_TRY(const bool more, nextBatch(mail));
    over = !more;
  }
  flushText();
  begun_ = writer_.has_value();
  Window window{std::exchange(pieces_, {}), {}};
  if (over) window.end = answer();
  return window;
}

/// One item of one message, or a piece of one.
Status FetchTransfer::step(Mail& mail) {
  if (literal_) return continueLiteral();
  if (decoded_) return continueDecoded();
  if (!writer_) startMessage(mail);
  if (item_ < args_.attributes.size()) {
    item(mail, args_.attributes[item_++]);
  } else {
    endMessage(mail);
  }
  return {};
}

void FetchTransfer::startMessage(const Mail& mail) {
  text_.emplace(mail.selected->box, row());
  if (head_.empty())
    writer_.emplace(out_, mail.selected->sequence.number(row().message.uid));
  else
    writer_.emplace(out_, View(head_));
  item_ = 0;
}

void FetchTransfer::endMessage(const Mail& mail) {
  const store::MessageRow& message = row().message;
  if (std::binary_search(newlySeen_.begin(), newlySeen_.end(), message.uid)) {
    if (!asksFlags_) {
      writer_->item() += "FLAGS ";
      putFlags(out_, *mail.selected, message.uid, message.flags, message.keywords);
    }
    if (mail.features.condstore && !asksModseq_) writer_->modseq(message.modseq);
  }
  writer_->end();
  writer_.reset();
  text_.reset();
  ++at_;
}

void FetchTransfer::item(Mail& mail, const imap::FetchAttribute& attribute) {
  const store::MessageRow& message = row().message;
  const store::MessageFacts& facts = message.facts;
  switch (attribute.kind) {
    case Kind::Uid:
      return writer_->number("UID", message.uid);
    case Kind::Flags:
      writer_->item() += "FLAGS ";
      return putFlags(out_, *mail.selected, message.uid, message.flags, message.keywords);
    case Kind::InternalDate:
      return writer_->date("INTERNALDATE", {facts.internalDate.seconds, facts.internalDate.zoneMinutes});
    case Kind::Rfc822Size:
      return writer_->number("RFC822.SIZE", facts.size);
    case Kind::Modseq:
      return writer_->modseq(message.modseq);
    case Kind::EmailId:
      return writer_->id("EMAILID", emailIdText(facts.emailId));
    case Kind::ThreadId:
      return writer_->id("THREADID", threadIdText(facts.threadId));
    case Kind::SaveDate:
      return writer_->date("SAVEDATE", {facts.saveDate, 0});
    default:
      break;
  }
  const std::size_t before = out_.size();
  Status made = textItem(attribute);
  if (made.ok()) return;
  if (made.error().code == Errc::Corrupt) made = judge(mail, made.error());
  // The rest of the mailbox stays readable: the item is NIL, and the command ends with NO.
  if (out_.size() == before) leaveOut(attribute);
  if (!trouble_) trouble_ = made.error();
}

/// What BINARY cannot decode has no form at all; a response must say something all the same.
void FetchTransfer::leaveOut(const imap::FetchAttribute& attribute) {
  if (!isBinary(attribute.kind)) return writer_->nil(attribute);
  if (!uid_) writer_->number("UID", row().message.uid);
}

/// A body that is not what its place says is gone when its message is, else damaged.
Error FetchTransfer::judge(const Mail& mail, const Error& error) const {
  const auto now = mail.selected->box.window(store::UidSet::of(std::vector<store::Uid>{row().message.uid}), 1,
                                             store::Columns::Flags);
  if (now.ok() && now->rows.empty()) return makeError(Errc::NotFound, "expunged meanwhile");
  log::write(messages::kDamaged, {{"user", mail.selected->box.account().id()},
                                  {"mailbox", mail.selected->name},
                                  {"uid", std::to_string(row().message.uid)},
                                  {"error", error.describe()}});
  return error;
}

/// Items that need the message's text, or what is cached of it.
Status FetchTransfer::textItem(const imap::FetchAttribute& attribute) {
  if (isSection(attribute.kind)) return section(attribute);
  if (isBinary(attribute.kind)) return binary(attribute);
  PH_TRY(const auto* digest, text_->digest());
  switch (attribute.kind) {
    case Kind::Envelope:
      writer_->wire("ENVELOPE", digest->envelope);
      return {};
    case Kind::BodyStructure:
      writer_->wire("BODYSTRUCTURE", digest->bodystructure);
      return {};
    case Kind::Body: {
      PH_TRY(const auto body, mime::bodyOfBodystructure(digest->bodystructure));
      writer_->wire("BODY", body);
      return {};
    }
    case Kind::Preview:
      writer_->text(attribute, std::string(digest->preview));
      return {};
    default:
      return makeError(Errc::Unsupported, "FETCH item");
  }
}

Status FetchTransfer::section(const imap::FetchAttribute& attribute) {
  const mime::Section section = sectionOf(attribute);
  PH_TRY(const auto found, text_->find(section));
  if (!found) {
    writer_->nil(attribute);
    return {};
  }
  if (!found->filtered) {
    mime::Range range = found->range;
    if (attribute.partial) range = mime::partial(range, attribute.partial->offset, attribute.partial->octets);
    return octets(attribute, range);
  }
  PH_TRY(std::string kept, text_->filtered(section, found->range));
  std::replace(kept.begin(), kept.end(), '\0', '\x80');
  View text = kept;
  if (attribute.partial) text = mime::partial(text, attribute.partial->offset, attribute.partial->octets);
  writer_->literal(attribute, text.size());
  out_.append(text);
  return {};
}

Status FetchTransfer::octets(const imap::FetchAttribute& attribute, mime::Range range) {
  PH_TRY(const auto* body, text_->body());
  if (row().message.facts.hasNul) {
    // RFC 3501 literals hold no NUL: the text goes through memory, in pieces.
    writer_->literal(attribute, range.length);
    literal_ = range;
    return {};
  }
  if (range.length <= kMostRead) {
    PH_TRY(const std::string text, text_->read(range));
    writer_->literal(attribute, range.length);
    out_.append(text);
    return {};
  }
  writer_->literal(attribute, range.length);
  flushText();
  const store::BlobSlice& slice = body->slice;
  if (slice.fd >= 0) {
    pieces_.emplace_back(net::FileRange{slice.fd, slice.offset + range.offset, range.length, slice.pin});
  } else {
    pieces_.emplace_back(net::Slice{slice.memory.substr(range.offset, range.length), slice.pin});
  }
  return {};
}

Status FetchTransfer::continueLiteral() {
  const mime::Range piece{literal_->offset, std::min(literal_->length, kMostRead)};
  PH_TRY(std::string text, text_->read(piece));
  std::replace(text.begin(), text.end(), '\0', '\x80');
  out_.append(text);
  literal_->offset += piece.length;
  literal_->length -= piece.length;
  if (literal_->length == 0) literal_.reset();
  return {};
}

void FetchTransfer::flushText() {
  if (out_.empty()) return;
  pieces_.emplace_back(std::move(out_));
  out_.clear();
}

Answer FetchTransfer::answer() const {
  if (trouble_ && trouble_->code == Errc::Unsupported)
    return {.status = "NO", .text = "[UNKNOWN-CTE] " + trouble_->client};
  if (trouble_ && trouble_->code != Errc::NotFound) return refusal(*trouble_);
  if (trouble_ || missing_ > 0) {
    Answer answer;
    answer.status = "NO";
    answer.text = "[EXPUNGEISSUED] Some of the messages are gone";
    return answer;
  }
  return {};
}

}  // namespace posthorn::imapd
