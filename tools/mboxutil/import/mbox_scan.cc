// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/mbox_scan.h"

#include <algorithm>

#include "tools/mboxutil/import/mbox_from.h"

namespace posthorn::migrate {

namespace {

constexpr std::size_t kWindow = std::size_t{256} * 1024;

}  // namespace

Result<std::optional<MboxEntry>> MboxScan::entryAt(std::uint64_t at) const {
  std::string line(kLongestFrom + 1, '\0');
  PH_TRY(const std::size_t got, file_.read(at, line.data(), line.size()));
  line.resize(got);
  const auto end = line.find('\n');
  if (end != std::string::npos) line.resize(end + 1);
  const auto date = parseFromLine(line);
  if (!date) return std::optional<MboxEntry>();
  MboxEntry entry;
  entry.begin = at + line.size();
  entry.date = *date;
  entry.from = line;
  return std::optional<MboxEntry>(std::move(entry));
}

Result<std::uint64_t> MboxScan::findFrom(std::uint64_t at) const {
  static constexpr View kMark = "\nFrom ";
  std::string window(kWindow, '\0');
  // The line end before it may be the last octet of what came before.
  for (std::uint64_t from = at == 0 ? 0 : at - 1; from < file_.size();) {
    PH_TRY(const std::size_t got, file_.read(from, window.data(), window.size()));
    const View seen = View(window).substr(0, got);
    for (auto found = seen.find(kMark); found != View::npos; found = seen.find(kMark, found + 1)) {
      const View line = seen.substr(found + 1, kLongestFrom);
      const auto end = line.find('\n');
      bool real = end != View::npos && parseFromLine(line.substr(0, end)).has_value();
      if (end == View::npos) {
        PH_TRY(const auto entry, entryAt(from + found + 1));
        real = entry.has_value();
      }
      if (real) return from + found + 1;
    }
    if (got < window.size()) break;
    from += got - kMark.size();
  }
  return file_.size();
}

Result<std::optional<std::uint64_t>> MboxScan::endByLength(std::uint64_t body, std::uint64_t length) const {
  if (body > file_.size() || length > file_.size() - body) return std::optional<std::uint64_t>();
  const std::uint64_t end = body + length;
  char next[2] = {};
  PH_TRY(const std::size_t got, file_.read(end, next, sizeof next));
  if (got == 0) return std::optional(end);
  const std::size_t lineEnd = next[0] == '\n' ? 1 : got == 2 && next[0] == '\r' && next[1] == '\n' ? 2 : 0;
  if (lineEnd == 0) return std::optional<std::uint64_t>();
  if (end + lineEnd == file_.size()) return std::optional(end);
  PH_TRY(const auto entry, entryAt(end + lineEnd));
  return entry ? std::optional(end) : std::optional<std::uint64_t>();
}

Result<std::uint64_t> MboxScan::withoutLineEnd(std::uint64_t begin, std::uint64_t end) const {
  char last[2] = {};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(2, end - begin));
  PH_TRY(const std::size_t got, file_.read(end - size, last, size));
  if (got == 0 || last[got - 1] != '\n') return end;
  return end - (got == 2 && last[0] == '\r' ? 2 : 1);
}

Result<std::optional<MboxEntry>> MboxScan::next() {
  if (at_ >= file_.size()) return std::optional<MboxEntry>();
  PH_TRY(auto entry, entryAt(at_));
  if (!entry) return makeError(Errc::Corrupt, "it does not begin with a From line");
  PH_TRY(const std::uint64_t limit, findFrom(entry->begin));
  MboxText text(quoting_, [](View) { return Status(); });
  const Status looked = file_.each(entry->begin, limit, [&](View part) -> Status {
    PH_CHECK(text.feed(part));
    return text.headerEnded() ? Status(makeError(Errc::Cancelled, "enough")) : Status();
  });
  if (!looked.ok() && looked.error().code != Errc::Cancelled) return looked.error();
  PH_CHECK(text.finish());
  entry->marks = text.marks();
  PH_TRY(entry->end, withoutLineEnd(entry->begin, limit));
  entry->next = limit;
  // A From line that was found may be part of the text; who quotes does not need the length.
  if (quoting_ == Quoting::None && text.headerEnded() && entry->marks.length) {
    const std::uint64_t body = entry->begin + text.headerLength();
    PH_TRY(const auto end, endByLength(body, *entry->marks.length));
    if (end && *end > entry->end) {
      entry->end = *end;
      PH_TRY(entry->next, findFrom(*end + 1));
    }
  }
  at_ = entry->next;
  return entry;
}

}  // namespace posthorn::migrate
