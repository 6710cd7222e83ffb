// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>

#include "common/auth/secret.h"
#include "common/config/snapshot.h"

namespace posthorn::msconfig {

/// A login as an operator describes it.
struct Question {
  std::string user;     ///< as typed by the user
  std::string address;  ///< of the client
  config::Service service = config::Service::Imap;
  bool tls = false;
  auth::Secret password;  ///< empty: judged as if it were right
};

enum class Verdict : unsigned char { LetIn, Refused, Unknown };

/// Has the workers' own pipeline judge the login, with the directory that the configuration names, and writes
/// each step with the values that decided to `out`, the verdict as the last line. Unknown when the directory
/// does not answer. Blocks; one thread.
Verdict explainLogin(const config::Snapshot& config, const Question& question, std::ostream& out);

}  // namespace posthorn::msconfig
