// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace posthorn::imapd {

class Session;

/// CAPABILITY's atoms for this session at this moment, without what imap.capability.* hides.
std::string capabilities(const Session& session);

}  // namespace posthorn::imapd
