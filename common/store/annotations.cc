// SPDX-License-Identifier: Apache-2.0
#include "common/store/annotations.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "common/store/edit.h"
#include "common/store/fields.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

namespace posthorn::store {

namespace {

constexpr MailboxNo kAccount = 0;
// Of removed entries so many are remembered for sessions that have not been told yet.
constexpr std::size_t kManyRemoved = 64;
constexpr View kConflictText = "Changed by somebody else";

/// A row of X: mbx32 uid32 entry, and behind a NUL the reader whose it is.
struct Row {
  MailboxNo mailbox = 0;
  std::string entry;
  std::optional<std::uint64_t> reader;
  Modseq modseq = 0;
  bool removed = false;
  View value;
};

constexpr std::size_t kPrefix = 1 + 4 + 4;
constexpr std::size_t kReaderBytes = 1 + 8;

Result<Row> rowOf(View at, View value) {
  FieldReader in(value);
  Row row;
  row.modseq = in.get<std::uint64_t>();
  row.removed = in.get<std::uint8_t>() != 0;
  if (!in.ok() || at.size() <= kPrefix)
    return makeError(Errc::Corrupt, "store: an annotation cannot be read");
  row.value = value.substr(9);
  row.mailbox = getBe<std::uint32_t>(at, 1);
  View name = at.substr(kPrefix);
  if (const auto end = name.find('\0'); end != View::npos) {
    if (name.size() - end != kReaderBytes) return makeError(Errc::Corrupt, "store: an annotation of nobody");
    row.reader = getBe<std::uint64_t>(name, end + 1);
    name = name.substr(0, end);
  }
  row.entry = name;
  return row;
}

Bytes valueOf(Modseq modseq, const std::optional<std::string>& value) {
  Bytes out;
  putLe(out, modseq);
  putLe(out, static_cast<std::uint8_t>(value ? 0 : 1));
  return value ? out.append(*value) : out;
}

/// Whose annotations: a mailbox's or the account's, as the owner or a reader sees them.
struct Side {
  MailboxNo mailbox = kAccount;
  std::optional<std::uint64_t> reader;

  /// Readers share what is not private.
  [[nodiscard]] bool owns(const Row& row) const {
    const bool ofAll = ascii::startsWith(row.entry, "/shared/");
    return row.mailbox == mailbox && row.reader == (ofAll ? std::nullopt : reader);
  }
  [[nodiscard]] Bytes key(View entry) const {
    Bytes at = key::annotation(mailbox, entry);
    if (!reader || ascii::startsWith(entry, "/shared/")) return at;
    at.push_back('\0');
    putBe(at, *reader);
    return at;
  }
};

Side sideOf(const MailboxHandle& box) {
  Side side{box.number(), std::nullopt};
  if (box.reader() != nullptr) side.reader = stableHash(box.reader()->id);
  return side;
}

Status eachRow(Snapshot& from, const Bytes& prefix, const std::function<void(const Row&, View key)>& take) {
  Status broken;
  PH_CHECK(from.scan(prefix, key::after(prefix), [&](View at, View value) {
    if (at.size() <= kPrefix) return true;  // the mark of the latest change
    const auto row = rowOf(at, value);
    if (row.ok()) {
      take(*row, at);
    } else {
      broken = row.error();
    }
    return broken.ok();
  }));
  return broken;
}

Result<std::vector<Annotation>> read(Snapshot& from, const Side& side) {
  std::vector<Annotation> found;
  PH_CHECK(eachRow(from, key::annotation(side.mailbox, {}), [&](const Row& row, View) {
    if (!row.removed && side.owns(row)) found.push_back({row.entry, std::string(row.value), row.modseq});
  }));
  return found;
}

Result<Modseq> latest(Snapshot& from) {
  const auto value = from.get(key::annotations());
  if (!value.ok() && value.error().code == Errc::NotFound) return Modseq{0};
  if (!value.ok()) return value.error();
  if (value->size() != 8) return makeError(Errc::Corrupt, "store: the mark of annotations cannot be read");
  return getLe<std::uint64_t>(*value, 0);
}

Status checkValue(const AccountHandle& account, const std::optional<std::string>& value) {
  const std::size_t most = std::min<std::size_t>(account.options().annotations.size, kMaxAnnotation);
  return value && value->size() > most ? makeError(Errc::TooBig, "store: the annotation is too long")
                                       : Status();
}

/// One call's changes at work inside its commit.
class Annotator {
 public:
  Annotator(Edit& edit, const AccountHandle& account, Side side)
      : edit_(edit), account_(account), side_(side) {}

  /// False: nothing would change.
  Result<bool> prepare(std::span<const AnnotationChange> changes) {
    for (const AnnotationChange& change : changes) {
      const std::string entry = ascii::toLower(change.entry);
      if (entry.size() > kMaxEntry || entry.find('\0') != std::string::npos)
        return makeError(Errc::Invalid, "store: no name of an annotation");
      PH_CHECK(checkValue(account_, change.value));
      PH_TRY(const auto now, current(entry));
      if (change.before && now != *change.before)
        return Error{Errc::Conflict, "store: the annotation has another value", std::string(kConflictText)};
      if (now != change.value) changed_.emplace_back(entry, change.value);
    }
    return !changed_.empty();
  }

  Status write(Modseq modseq) {
    for (const auto& [entry, value] : changed_) {
      PH_TRY(auto* slot, edit_.raw(side_.key(entry)));
      slot->value = valueOf(modseq, value);
      edit_.touch(slot);
    }
    PH_TRY(auto* mark, edit_.raw(key::annotations()));
    mark->value.clear();
    putLe(mark->value, modseq);
    edit_.touch(mark);
    return keepWithin();
  }

  /// Whether the owner, or everybody, sees a difference.
  [[nodiscard]] bool seenByOwner() const {
    return !side_.reader || std::any_of(changed_.begin(), changed_.end(), [](const auto& one) {
      return ascii::startsWith(one.first, "/shared/");
    });
  }

 private:
  Result<std::optional<std::string>> current(const std::string& entry) {
    const Bytes at = side_.key(entry);
    const auto value = edit_.batch().get(at);
    if (!value.ok() && value.error().code == Errc::NotFound) return std::optional<std::string>();
    if (!value.ok()) return value.error();
    PH_TRY(const auto row, rowOf(at, *value));
    return row.removed ? std::optional<std::string>() : std::optional(std::string(row.value));
  }

  /// The limits of the whole account; the oldest of too many removed rows are forgotten.
  Status keepWithin() {
    std::size_t count = 0;
    std::size_t octets = 0;
    std::vector<std::pair<Modseq, Bytes>> removed;
    PH_CHECK(eachRow(edit_.batch(), key::of('X'), [&](const Row& row, View at) {
      if (rewrites(at)) return;
      if (row.removed) {
        removed.emplace_back(row.modseq, at);
      } else {
        ++count;
        octets += at.size() + row.value.size();
      }
    }));
    bool grows = false;
    for (const auto& [entry, value] : changed_) {
      if (!value) continue;
      grows = true;
      ++count;
      octets += side_.key(entry).size() + value->size();
    }
    const auto& most = account_.options().annotations;
    if (grows && (count > most.count || octets > most.total))
      return makeError(Errc::Limit, "store: the account has too many annotations");
    return forget(std::move(removed));
  }

  bool rewrites(View at) const {
    return std::any_of(changed_.begin(), changed_.end(),
                       [&](const auto& one) { return side_.key(one.first) == at; });
  }

  Status forget(std::vector<std::pair<Modseq, Bytes>> removed) {
    if (removed.size() < kManyRemoved) return {};
    std::sort(removed.begin(), removed.end());
    removed.resize(removed.size() - kManyRemoved / 2);
    for (const auto& [modseq, at] : removed) PH_CHECK(edit_.batch().erase(at));
    return {};
  }

  Edit& edit_;
  const AccountHandle& account_;
  Side side_;
  std::vector<std::pair<std::string, std::optional<std::string>>> changed_;
};

}  // namespace

Result<std::vector<Annotation>> annotationsOf(const AccountHandle& account) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  return read(*snapshot, Side{});
}

Result<std::vector<Annotation>> annotationsOf(const MailboxHandle& box) {
  PH_TRY(const auto snapshot, box.account().domain().snapshot());
  PH_CHECK(readBox(*snapshot, box));
  return read(*snapshot, sideOf(box));
}

Result<std::optional<std::string>> annotationIn(Snapshot& from, MailboxNo mailbox, const Reader* reader,
                                                View entry) {
  Side side{mailbox, std::nullopt};
  if (reader != nullptr) side.reader = stableHash(reader->id);
  const Bytes at = side.key(entry);
  const auto value = from.get(at);
  if (!value.ok() && value.error().code == Errc::NotFound) return std::optional<std::string>();
  if (!value.ok()) return value.error();
  PH_TRY(const auto row, rowOf(at, *value));
  return row.removed ? std::optional<std::string>() : std::optional(std::string(row.value));
}

Result<Modseq> annotate(const AccountHandle& account, std::span<const AnnotationChange> changes) {
  Modseq modseq = 0;
  const auto done = commitSome(account, Sync::Durable, [&](Edit& edit) -> Status {
    Annotator annotator(edit, account, Side{});
    PH_TRY(const bool any, annotator.prepare(changes));
    if (!any) return nothingToDo();
    PH_TRY(UserRecord * user, edit.user());
    modseq = ++user->modseq;
    return annotator.write(modseq);
  });
  if (!done.ok()) return done.error();
  return *done ? modseq : Modseq{0};
}

Result<Modseq> annotate(const MailboxHandle& box, std::span<const AnnotationChange> changes) {
  Modseq modseq = 0;
  const auto done = commitSome(box.account(), Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const OpenBox open, openBox(edit, box));
    Annotator annotator(edit, box.account(), sideOf(box));
    PH_TRY(const bool any, annotator.prepare(changes));
    if (!any) return nothingToDo();
    modseq = ++open.user->modseq;
    PH_CHECK(annotator.write(modseq));
    if (!annotator.seenByOwner()) return {};
    return noteListChange(edit, *open.user, open.number, *open.record, ListChange::Kind::Changed);
  });
  if (!done.ok()) return done.error();
  if (!*done) return Modseq{0};
  tellFolder(box.account(), events::EventType::AnnotateMsg, box.openedAs(), {}, nullptr);
  return modseq;
}

bool isAnnotationConflict(const Error& error) {
  return error.code == Errc::Conflict && error.client == kConflictText;
}

Result<std::vector<AnnotationNews>> annotationNews(const AccountHandle& account, Modseq since,
                                                   Modseq& until) {
  std::vector<AnnotationNews> news;
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_TRY(until, latest(*snapshot));
  if (until <= since) return news;
  PH_CHECK(eachRow(*snapshot, key::of('X'), [&](const Row& row, View) {
    if (!row.reader && row.modseq > since) news.push_back({row.mailbox, row.entry, row.modseq});
  }));
  return news;
}

Status dropAnnotations(Edit& edit, MailboxNo mailbox) {
  const Bytes all = key::of('X', mailbox);
  return edit.batch().eraseRange(all, key::after(all));
}

Status copyAnnotations(Edit& edit, MailboxNo from, MailboxNo to) {
  const Bytes all = key::of('X', from);
  std::vector<std::pair<Bytes, Bytes>> rows;
  PH_CHECK(edit.batch().scan(all, key::after(all), [&](View at, View value) {
    rows.emplace_back(key::of('X', to).append(at.substr(all.size())), value);
    return true;
  }));
  for (const auto& [at, value] : rows) {
    PH_CHECK(edit.batch().put(at, value));
    edit.weigh(at.size() + value.size());
  }
  return {};
}

}  // namespace posthorn::store
