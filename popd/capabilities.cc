// SPDX-License-Identifier: Apache-2.0
#include "popd/capabilities.h"

#include "popd/reply.h"

namespace posthorn::popd {

std::string capabilityResponse(const CapabilityFacts& facts) {
  std::string text = okReply("Capabilities follow");
  text += "TOP\r\nUIDL\r\n";
  if (facts.user) text += "USER\r\n";
  if (!facts.mechanisms.empty()) {
    text += "SASL";
    for (const View mechanism : facts.mechanisms) text.append(" ").append(mechanism);
    text += "\r\n";
  }
  if (facts.stls) text += "STLS\r\n";
  text += "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n";
  text.append("EXPIRE ").append(facts.expire).append("\r\n");
  if (facts.loginDelay.count() > 0)
    text += "LOGIN-DELAY " + std::to_string(facts.loginDelay.count()) + "\r\n";
  text += "UTF8 USER\r\nLANG\r\n";
  if (facts.loggedIn) text += "IMPLEMENTATION Posthorn-" POSTHORN_VERSION "\r\n";
  return text += ".\r\n";
}

}  // namespace posthorn::popd
