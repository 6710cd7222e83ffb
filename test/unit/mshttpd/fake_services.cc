// SPDX-License-Identifier: Apache-2.0
#include "test/unit/mshttpd/fake_services.h"

#include <algorithm>

#include <sys/mman.h>
#include <unistd.h>

namespace posthorn::mshttpd {
namespace {

Result<UniqueFd> fileOf(View content) {
  UniqueFd file(::memfd_create("blob", MFD_CLOEXEC));
  if (!file || ::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0)
    return errnoError("memfd");
  return file;
}

}  // namespace

Result<Uploads::Blob> FakeUploads::keep(const std::string& user, UniqueFd file, std::string type) {
  Bytes content;
  char window[4096];
  for (ssize_t got = 0;
       (got = ::pread(file.get(), window, sizeof window, static_cast<off_t>(content.size()))) > 0;)
    content.append(window, static_cast<std::size_t>(got));
  return keep(user, View(content), std::move(type));
}

Result<Uploads::Blob> FakeUploads::keep(const std::string& user, View content, std::string type) {
  if (refuse) return *std::exchange(refuse, std::nullopt);
  Kept kept{{"U" + std::to_string(kept_.size() + 1), std::move(type), content.size()}, Bytes(content)};
  Blob blob = kept.blob;
  kept_.emplace(std::pair(user, blob.id), std::move(kept));
  return blob;
}

Result<Uploads::Open> FakeUploads::open(const std::string& user, const std::string& id) {
  const auto found = kept_.find({user, id});
  if (found == kept_.end()) return makeError(Errc::NotFound, "no upload " + id);
  PH_TRY(UniqueFd file, fileOf(found->second.content));
  return Open{found->second.blob, std::move(file)};
}

Result<std::vector<jmap::Principal>> FakePrincipals::find(const std::string&, const std::string& text,
                                                          std::size_t most) {
  std::vector<jmap::Principal> out;
  for (const jmap::Principal& person : people)
    if (out.size() < most && (person.name + " " + person.email).find(text) != std::string::npos)
      out.push_back(person);
  return out;
}

Result<std::optional<jmap::Principal>> FakePrincipals::get(const std::string&, const std::string& id) {
  const auto found = std::find_if(people.begin(), people.end(),
                                  [&](const jmap::Principal& person) { return person.id == id; });
  return found != people.end() ? std::optional(*found) : std::nullopt;
}

Result<Sent> FakeSubmission::send(const Envelope& envelope, const backend::Source& message, std::uint64_t,
                                  bool) {
  Taken now{envelope, {}};
  for (;;) {
    PH_TRY(const Bytes window, message());
    if (window.empty()) break;
    now.message += window;
  }
  taken.push_back(std::move(now));
  if (meanwhile) meanwhile();
  if (answer) return *answer;
  return Sent{std::vector<SmtpReply>(envelope.to.size(), SmtpReply{250, "250 2.1.5 Ok"}),
              {250, "250 2.0.0 Ok"}};
}

FakeServices::FakeServices()
    : services{hosts, uploads, submission, principals, gate, clock, {}},
      anna{"anna", "Anna Example", "anna@example.com", {"anna@example.com"}, "127.0.0.1"} {
  for (const char* owner : {"anna", "bert", "carl"}) hosts.add(owner);
  principals.people = {{"anna", "Anna Example", "anna@example.com"},
                       {"bert", "Bert Beispiel", "bert@example.com"}};
  services.limits.maxSizeUpload = 50'000'000;
  services.limits.maxSizeRequest = 10'000'000;
  services.limits.maxSizeAttachmentsPerEmail = 3'000'000;
  services.limits.maxMessageSize = 5'242'880;
}

void FakeServices::share(FakeServices& fake, const std::string& owner, const std::string& reader) {
  backend::FakeAccount& account = *fake.hosts.accounts.at(owner);
  account.mailboxes.at(account.mailboxId("INBOX")).grants[reader] = "lrs";
}

}  // namespace posthorn::mshttpd
