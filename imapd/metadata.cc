// SPDX-License-Identifier: Apache-2.0
#include "imapd/metadata.h"

#include <algorithm>
#include <map>

#include "common/base/ascii.h"
#include "common/imap/print/response.h"

namespace posthorn::imapd {
namespace {

bool isShared(std::string_view entry) {
  return ascii::startsWith(entry, "/shared/");
}

/// RFC 5464 3.3 leaves it to the server: who may read a mailbox has entries of his own in it, who may write
/// to its messages changes what all see.
Status mayAnnotate(const AnnotatedPlace& place, std::span<const store::AnnotationChange> changes) {
  const bool shared =
      std::any_of(changes.begin(), changes.end(), [](const auto& one) { return isShared(one.entry); });
  if (!shared) return {};
  if (!place.box)
    return Error{Errc::Denied, "imapd: a shared server entry", "Shared server entries are the server's"};
  return place.box->may(store::kMayWrite) ? Status() : Status(notPermitted());
}

Result<store::Modseq> write(Mail& mail, const std::string& mailbox,
                            std::span<const store::AnnotationChange> changes) {
  PH_TRY(const auto place, annotatedPlace(mail, mailbox));
  PH_CHECK(mayAnnotate(place, changes));
  if (!place.box) return store::annotate(mail.account, changes);
  return store::annotate(place.box->box, changes);
}

}  // namespace

Result<AnnotatedPlace> annotatedPlace(const Mail& mail, const std::string& mailbox) {
  if (mailbox.empty()) return AnnotatedPlace{};
  PH_TRY(Found found, findMailbox(mail, mailbox, store::kMayRead));
  return AnnotatedPlace{std::move(found)};
}

Result<std::vector<store::Annotation>> annotationsOf(const Mail& mail, const AnnotatedPlace& place) {
  return place.box ? store::annotationsOf(place.box->box) : store::annotationsOf(mail.account);
}

Answer annotate(Mail& mail, const std::string& mailbox, std::span<const store::AnnotationChange> changes) {
  const auto done = write(mail, mailbox, changes);
  if (done.ok()) {
    if (*done != 0) mail.metadata.own.push_back(*done);
    return {};
  }
  Answer answer = refusal(done.error());
  if (done.error().code == Errc::TooBig) {
    const auto most = std::min(mail.account.options().annotations.size, store::kMaxAnnotation);
    answer.text = "[METADATA MAXSIZE " + std::to_string(most) + "] The value is too long";
  } else if (done.error().code == Errc::Limit) {
    answer.text = "[METADATA TOOMANY] There are too many entries";
  } else if (store::isAnnotationConflict(done.error())) {
    answer.text = "[METADATA CHANGED] Somebody else has changed it";
  }
  return answer;
}

Status tellMetadata(Mail& mail, std::string& out) {
  if (!mail.features.metadata) return {};
  store::Modseq until = 0;
  PH_TRY(const auto news, store::annotationNews(mail.account, mail.metadata.told, until));
  const auto& own = mail.metadata.own;
  std::map<store::MailboxNo, imap::MetadataData> byMailbox;
  for (const auto& one : news) {
    if (std::find(own.begin(), own.end(), one.modseq) != own.end()) continue;
    byMailbox[one.mailbox].entries.push_back({one.entry, std::nullopt});
  }
  mail.metadata = {.told = std::max(until, mail.metadata.told), .own = {}};
  if (byMailbox.empty()) return {};
  if (byMailbox.size() > 1 || !byMailbox.contains(0)) {
    PH_TRY(const auto mailboxes, mail.account.list());
    for (const auto& entry : mailboxes)
      if (const auto found = byMailbox.find(entry.status.number); entry.exists && found != byMailbox.end())
        found->second.mailbox.utf8 = entry.name;
  }
  for (auto& [number, data] : byMailbox) {
    data.changed = true;
    // A mailbox that is gone again has no name.
    if (number == 0 || !data.mailbox.utf8.empty()) imap::putMetadata(out, data, {.utf8 = mail.features.utf8});
  }
  return {};
}

}  // namespace posthorn::imapd
