// SPDX-License-Identifier: Apache-2.0
#include "common/auth/trace.h"

namespace posthorn::auth {

std::string_view toString(Step step) {
  switch (step) {
    case Step::Gate:
      return "gate";
    case Step::Name:
      return "name";
    case Step::Domain:
      return "domain";
    case Step::Search:
      return "search";
    case Step::Entry:
      return "entry";
    case Step::Password:
      return "password";
    case Step::Proxy:
      return "proxy";
    case Step::Status:
      return "status";
    case Step::Host:
      return "host";
    case Step::Service:
      return "service";
    case Step::Account:
      return "account";
  }
  return "?";
}

}  // namespace posthorn::auth
