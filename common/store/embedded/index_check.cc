// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/index_check.h"

#include <deque>

#include <fcntl.h>
#include <fmt/format.h>

#include "common/store/embedded/files.h"

// The page layout of LMDB 0.9 (data version 1, 64-bit): stable since 2011, and checked against the magic
// below.

namespace posthorn::store::embedded {

namespace {

constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::size_t kPageHeader = 16;
constexpr std::size_t kNodeHeader = 8;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr unsigned kBranch = 1;
constexpr unsigned kLeaf = 2;
constexpr unsigned kOverflow = 4;
constexpr unsigned kBigValue = 1;

struct Visit {
  std::uint64_t page = 0;
  unsigned level = 0;  ///< 1 = leaf
  bool ordered = false;
};

class PageWalk {
 public:
  PageWalk(int fd, std::size_t limit) : fd_(fd), limit_(limit) {}
  Status run(std::uint64_t txnId);

 private:
  Result<bool> readMeta(std::size_t number, std::uint64_t txnId);
  Status visit(const Visit& visit);
  Status visitNode(const Visit& visit, View page, std::size_t node);
  Status checkOverflow(std::uint64_t first, std::uint64_t valueSize);
  Result<Bytes> readPage(std::uint64_t number, std::size_t size);
  static Error bad(std::uint64_t page, const char* what) {
    return makeError(Errc::Corrupt, fmt::format("index: page {}: {}", page, what));
  }

  int fd_;
  std::size_t limit_;
  std::size_t pageSize_ = 4096;
  std::uint64_t lastPage_ = 0;
  std::deque<Visit> queue_;
};

Result<Bytes> PageWalk::readPage(std::uint64_t number, std::size_t size) {
  if (number > lastPage_) return bad(number, "lies behind the last page");
  PH_TRY(Bytes page, readSome(fd_, number * pageSize_, size));
  if (page.size() != size) return bad(number, "lies behind the end of the file");
  if (getLe<std::uint64_t>(page, 0) != number) return bad(number, "has another number");
  return page;
}

// True when this meta page is the one of the transaction.
Result<bool> PageWalk::readMeta(std::size_t number, std::uint64_t txnId) {
  PH_TRY(const Bytes raw, readSome(fd_, number * pageSize_, kPageHeader + 136));
  if (raw.size() != kPageHeader + 136) return bad(number, "is missing");
  const View meta = View(raw).substr(kPageHeader);
  if (getLe<std::uint32_t>(meta, 0) != kMagic) return bad(number, "has no magic");
  if (number == 0) pageSize_ = getLe<std::uint32_t>(meta, 24);
  if (pageSize_ < 512 || pageSize_ > 65536) return bad(number, "names an impossible page size");
  if (getLe<std::uint64_t>(meta, 128) != txnId) return false;
  lastPage_ = getLe<std::uint64_t>(meta, 120);
  for (std::size_t db = 0; db < 2; ++db) {
    const View tree = meta.substr(24 + db * 48, 48);
    const Visit root{getLe<std::uint64_t>(tree, 40), getLe<std::uint16_t>(tree, 6), db == 1};
    if (root.page != kNoPage) queue_.push_back(root);
  }
  return true;
}

Status PageWalk::checkOverflow(std::uint64_t first, std::uint64_t valueSize) {
  PH_TRY(const Bytes raw, readPage(first, pageSize_));
  const View page = raw;
  if (page.size() < kPageHeader) return bad(first, "is cut short");
  if ((getLe<std::uint16_t>(page, 10) & kOverflow) == 0) return bad(first, "is no overflow page");
  const std::uint64_t bytes = std::uint64_t{getLe<std::uint32_t>(page, 12)} * pageSize_;
  if (bytes < valueSize + kPageHeader) return bad(first, "is too short for its value");
  PH_TRY(const std::uint64_t size, fileSize(fd_));
  if (first * pageSize_ + kPageHeader + valueSize > size)
    return bad(first, "lies behind the end of the file");
  return {};
}

Status PageWalk::visitNode(const Visit& visit, View page, std::size_t node) {
  const auto low = getLe<std::uint16_t>(page, node);
  const auto high = getLe<std::uint16_t>(page, node + 2);
  const auto flags = getLe<std::uint16_t>(page, node + 4);
  const std::size_t key = getLe<std::uint16_t>(page, node + 6);
  if (node + kNodeHeader + key > page.size()) return bad(visit.page, "has a key beyond its end");
  const std::uint64_t pair = std::uint64_t{low} | (std::uint64_t{high} << 16);
  if (visit.level > 1) {
    queue_.push_back({pair | (std::uint64_t{flags} << 32), visit.level - 1, visit.ordered});
    return {};
  }
  if ((flags & kBigValue) != 0) {
    if (node + kNodeHeader + key + 8 > page.size()) return bad(visit.page, "has a value beyond its end");
    return checkOverflow(getLe<std::uint64_t>(page, node + kNodeHeader + key), pair);
  }
  if (node + kNodeHeader + key + pair > page.size()) return bad(visit.page, "has a value beyond its end");
  return {};
}

Status PageWalk::visit(const Visit& visit) {
  if (visit.level == 0 || visit.level > 32) return bad(visit.page, "has an impossible depth");
  PH_TRY(const Bytes raw, readPage(visit.page, pageSize_));
  const View page = raw;
  const unsigned kind = getLe<std::uint16_t>(page, 10) & (kBranch | kLeaf | kOverflow);
  if (kind != (visit.level > 1 ? kBranch : kLeaf)) return bad(visit.page, "is of another kind");
  const std::size_t lower = getLe<std::uint16_t>(page, 12);
  const std::size_t upper = getLe<std::uint16_t>(page, 14);
  if (lower < kPageHeader || lower > upper || upper > pageSize_)
    return bad(visit.page, "has impossible bounds");
  View last;
  for (std::size_t i = 0; i < (lower - kPageHeader) / 2; ++i) {
    const std::size_t node = getLe<std::uint16_t>(page, kPageHeader + i * 2);
    if (node < upper || node + kNodeHeader > pageSize_) return bad(visit.page, "has a node out of bounds");
    PH_CHECK(visitNode(visit, page, node));
    const View key = page.substr(node + kNodeHeader, getLe<std::uint16_t>(page, node + 6));
    const bool implicit = visit.level > 1 && i == 0;  // a branch's first key means "anything lower"
    if (visit.ordered && !implicit && !last.empty() && key <= last) return bad(visit.page, "is out of order");
    if (!implicit) last = key;
  }
  return {};
}

Status PageWalk::run(std::uint64_t txnId) {
  PH_TRY(const bool first, readMeta(0, txnId));
  if (!first) {
    PH_TRY(const bool second, readMeta(1, txnId));
    if (!second) return bad(0, "and its twin show another transaction");
  }
  for (std::size_t seen = 0; !queue_.empty() && seen < limit_; ++seen) {
    const Visit next = queue_.front();
    queue_.pop_front();
    PH_CHECK(visit(next));
  }
  return {};
}

}  // namespace

Status checkIndexPages(const std::string& directory, Txn& txn, std::size_t pageLimit) {
  PH_TRY(const UniqueFd fd, openAt(AT_FDCWD, directory + "/data.mdb", O_RDONLY));
  return PageWalk(fd.get(), pageLimit).run(txn.id());
}

}  // namespace posthorn::store::embedded
