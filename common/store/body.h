// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/blocks.h"
#include "common/store/engine/engine.h"
#include "common/store/mailbox.h"
#include "common/store/message_record.h"
#include "common/store/records.h"
#include "common/store/types.h"

namespace posthorn::store {

/// The text of the message that a cold entry describes.
Result<MessageBody> readBody(Domain& domain, const ColdEntry& entry);

/// What was cached of it at delivery (mime/digest.h), packed; empty when nothing was.
Result<Bytes> readDigest(Domain& domain, const ColdEntry& entry);

/// What a blob says of itself, without any index. Corrupt when it is not a message, or no longer there.
Result<MessageRecord> readRecord(Domain& domain, const BlobRef& blob);
Result<MessageBody> readBody(Domain& domain, const BlobRef& blob);

MailboxStatus statusOf(MailboxNo number, const MailboxRecord& record);

}  // namespace posthorn::store
