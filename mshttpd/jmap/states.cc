// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/states.h"

#include "mshttpd/jmap/capabilities.h"

namespace posthorn::mshttpd::jmap {

std::map<std::string, std::map<std::string, std::string>> ownStates(const Services& services,
                                                                    const Caller& caller,
                                                                    const std::set<std::string>& accounts) {
  std::map<std::string, std::map<std::string, std::string>> out;
  Call call(services, caller);
  call.use({std::string(kCore), std::string(kMail), std::string(kSubmission), std::string(kQuota),
            std::string(kPrincipals)});
  for (const std::string& account : accounts) {
    for (const std::string& type : ownStateTypes()) {
      const MethodSpec* get = findMethod(type + "/get");
      if (get == nullptr) continue;
      const Answer answer = get->run(call, {{"accountId", account}, {"ids", Json::array()}});
      if (answer.ok()) out[account][type] = answer.arguments().at("state").get<std::string>();
    }
  }
  return out;
}

const std::set<std::string>& ownStateTypes() {
  static const std::set<std::string> kTypes{"EmailSubmission", "Identity", "Quota", "ShareNotification"};
  return kTypes;
}

}  // namespace posthorn::mshttpd::jmap
