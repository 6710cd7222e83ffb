// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mshttpd/backend/submission.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/gate.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/jmap/principals.h"
#include "test/unit/mshttpd/fake_mail_host.h"

// What JMAP methods stand on, in memory, for one thread.

namespace posthorn::mshttpd {

class FakeUploads final : public Uploads {
 public:
  Result<Blob> keep(const std::string& user, UniqueFd file, std::string type) override;
  Result<Blob> keep(const std::string& user, View content, std::string type) override;
  Result<Open> open(const std::string& user, const std::string& id) override;

  /// The next keep() gives this.
  std::optional<Error> refuse;

 private:
  struct Kept {
    Blob blob;
    Bytes content;
  };
  std::map<std::pair<std::string, std::string>, Kept> kept_;
};

class FakePrincipals final : public jmap::Principals {
 public:
  std::vector<jmap::Principal> people;
  Result<std::vector<jmap::Principal>> find(const std::string& caller, const std::string& text,
                                            std::size_t most) override;
  Result<std::optional<jmap::Principal>> get(const std::string& caller, const std::string& id) override;
};

/// Takes everything; keeps what it was given.
class FakeSubmission final : public Submission {
 public:
  struct Taken {
    Envelope envelope;
    Bytes message;
  };
  std::vector<Taken> taken;
  /// What send() gives instead of 250 for all.
  std::optional<Result<Sent>> answer;
  /// What happens elsewhere while it takes a message.
  std::function<void()> meanwhile;

  Result<Sent> send(const Envelope& envelope, const backend::Source& message, std::uint64_t octets,
                    bool eightBit) override;
};

/// Anna's, Bert's and Carl's server, as Anna's requests see it.
struct FakeServices {
  FakeServices();

  /// `owner` lets `reader` read his INBOX.
  static void share(FakeServices& fake, const std::string& owner, const std::string& reader);

  backend::FakeMailHosts hosts;
  FakeUploads uploads;
  FakeSubmission submission;
  FakePrincipals principals;
  jmap::Gate gate;
  ManualClock clock;
  jmap::Services services;
  jmap::Caller anna;
};

}  // namespace posthorn::mshttpd
