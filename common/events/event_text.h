// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/bytes.h"
#include "common/events/event.h"

// How subscribers read an event. One table decides which parameters an event of a type has, for both forms.

namespace posthorn::events {

/// The mailbox as event references name it: "anna" is her INBOX, "anna/Work/2026" another one. Not encoded.
std::string mailboxNameOf(const Event& event);
std::string mailboxNameOf(View owner, View mailbox);

/// The event's key: `key` ("enp://127.0.0.1/store/%M") with its substitutions, percent-encoded: %M the
/// mailbox name, %U who did it, %o the owner, %d the owner's domain (empty in the default one). What stands
/// behind another % is kept as it is.
std::string eventKey(const Event& event, View key);

/// "enp://127.0.0.1/store/anna?evtType=NewMsg&timestamp=1047488403000&hostname=...": eventKey() and the
/// parameters, each value percent-encoded. One line without its end. Payload is not in it.
std::string eventReference(const Event& event, View key);

/// One JSON object on one line without its end: names of RFC 5423 ("event", "uidset", "serverFQDN"), and
/// "evtType" and "reference" for those who know the other form. Payload that is not UTF-8 comes as base64,
/// under "messageContentBase64" instead of "messageContent".
std::string eventJson(const Event& event, View key);

/// `text` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD.
void putJsonString(std::string& out, View text);

}  // namespace posthorn::events
