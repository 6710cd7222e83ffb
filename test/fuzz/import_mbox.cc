// SPDX-License-Identifier: Apache-2.0
// sources: tools/mboxutil/import/mbox_text.cc tools/mboxutil/import/mbox_from.cc
// sources: tools/mboxutil/import/mbox_scan.cc tools/mboxutil/import/tree.cc

// An mbox: its messages lie one behind the other, and what is shown of them does not depend on how they are
// cut.

#include <cstddef>
#include <cstdint>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/fuzz/require.h"
#include "tools/mboxutil/import/mbox_scan.h"

using namespace posthorn;
using namespace posthorn::migrate;

namespace {

void expect(bool holds) {
  fuzz::require(holds, "the mbox is taken apart without a gap or an overlap");
}

std::string shown(View text, Quoting quoting, std::size_t step) {
  std::string out;
  MboxText filter(quoting, [&](View part) -> Status {
    out.append(part);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += step) expect(filter.feed(text.substr(at, step)).ok());
  expect(filter.finish().ok());
  expect(out.size() <= text.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto quoting = static_cast<Quoting>(data[0] % 3);
  const View text(reinterpret_cast<const char*>(data) + 2, size - 2);
  static_cast<void>(shown(text, quoting, 1 + data[1] % 40));
  UniqueFd fd(::memfd_create("mbox", MFD_CLOEXEC));
  expect(fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  struct stat facts {};
  expect(::fstat(fd.get(), &facts) == 0);
  const SourceFile file(std::move(fd), facts);
  MboxScan scan(file, quoting);
  std::uint64_t at = 0;
  for (auto entry = scan.next(); entry.ok() && entry.value(); entry = scan.next()) {
    const MboxEntry& found = *entry.value();
    expect(found.begin > at && found.begin <= found.end && found.end <= found.next &&
           found.next <= text.size());
    const View message = text.substr(found.begin, found.end - found.begin);
    expect(shown(message, quoting, 1 + data[1] % 40) == shown(message, quoting, 1000));
    at = found.next;
  }
  return 0;
}
