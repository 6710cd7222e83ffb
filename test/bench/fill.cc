// SPDX-License-Identifier: Apache-2.0
#include "test/bench/fill.h"

#include <algorithm>
#include <vector>

namespace posthorn::bench {

std::string messageText(std::uint64_t number, std::uint64_t octets) {
  std::string text = "From: loader@example.org\r\nSubject: message " + std::to_string(number) +
                     "\r\nMessage-ID: <" + std::to_string(number) + "@load.example.org>\r\n\r\n";
  while (text.size() + 2 < octets) {
    const std::size_t line = std::min<std::size_t>(78, octets - text.size() - 2);
    text.append(line, static_cast<char>('a' + number % 26)).append("\r\n");
  }
  return text;
}

Status fill(const store::AccountHandle& account, store::MailboxHandle& box, std::uint64_t count,
            std::uint64_t octets) {
  const std::uint64_t together = octets > 65'536 ? 16 : store::kMaxAppend;
  for (std::uint64_t done = 0; done < count;) {
    std::vector<store::MessageWriter> batch;
    for (; batch.size() < together && done < count; ++done) {
      PH_TRY(store::MessageWriter writer, account.message(octets));
      PH_CHECK(writer.write(messageText(done + 1, octets)));
      PH_CHECK(writer.finish({.seconds = 1'700'000'000 + static_cast<std::int64_t>(done), .zoneMinutes = 0}));
      batch.push_back(std::move(writer));
    }
    PH_CHECK(box.append(batch, store::QuotaPolicy::Ignore));
  }
  return okStatus();
}

}  // namespace posthorn::bench
