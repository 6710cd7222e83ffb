// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/ops.h"

namespace posthorn::store::embedded {

Bytes encodeBatchHeader(const BatchHeader& header) {
  Bytes out;
  putLe(out, kFormatVersion);
  putLe(out, std::uint16_t{0});
  putLe(out, header.ops);
  putLe(out, header.previousNonce);
  putLe(out, header.version);
  return out;
}

std::optional<BatchHeader> decodeBatchHeader(View body) {
  if (body.size() < kBatchHeaderSize || getLe<std::uint16_t>(body, 0) != kFormatVersion) return {};
  return BatchHeader{getLe<std::uint32_t>(body, 4), getLe<std::uint64_t>(body, 8),
                     getLe<std::uint64_t>(body, 16)};
}

static void appendText(Bytes& out, View text) {
  putLe(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

static void appendBlob(Bytes& out, const BlobRef& blob) {
  putLe(out, blob.segment);
  putLe(out, blob.offset);
  putLe(out, blob.length);
  putLe(out, blob.crc);
}

void appendOp(Bytes& out, const Op& op) {
  putLe(out, static_cast<std::uint8_t>(op.type));
  switch (op.type) {
    case OpType::Put:
    case OpType::EraseRange:
      appendText(out, op.key);
      appendText(out, op.value);
      return;
    case OpType::Erase:
      appendText(out, op.key);
      return;
    case OpType::Attach:
    case OpType::Release:
      appendBlob(out, op.blob);
      return;
    case OpType::Move:
      appendBlob(out, op.blob);
      putLe(out, op.to.segment);
      putLe(out, op.to.offset);
      return;
    case OpType::AddSegment:
    case OpType::DropSegment:
    case OpType::SetBase:
    case OpType::Seal:
      putLe(out, op.segment);
      putLe(out, static_cast<std::uint16_t>(op.kind));
      putLe(out, op.number);
      return;
  }
}

namespace {

/// Takes values off the front of a body; `bad` once one did not fit.
class Take {
 public:
  explicit Take(View in) : in_(in) {}
  template <typename T>
  T number() {
    if (in_.size() < sizeof(T)) {
      bad_ = true;
      return {};
    }
    const T value = getLe<T>(in_, 0);
    in_.remove_prefix(sizeof(T));
    return value;
  }
  View text() {
    const auto size = number<std::uint32_t>();
    if (bad_ || size > in_.size()) {
      bad_ = true;
      return {};
    }
    const View value = in_.substr(0, size);
    in_.remove_prefix(size);
    return value;
  }
  BlobRef blob() {
    BlobRef blob;
    blob.segment = number<std::uint32_t>();
    blob.offset = number<std::uint64_t>();
    blob.length = number<std::uint64_t>();
    blob.crc = number<std::uint32_t>();
    return blob;
  }
  void fail() { bad_ = true; }
  [[nodiscard]] bool bad() const { return bad_; }
  [[nodiscard]] bool empty() const { return in_.empty(); }

 private:
  View in_;
  bool bad_ = false;
};

}  // namespace

static Op takeOp(Take& in) {
  Op op;
  op.type = static_cast<OpType>(in.number<std::uint8_t>());
  switch (op.type) {
    case OpType::Put:
    case OpType::EraseRange:
      op.key = in.text();
      op.value = in.text();
      return op;
    case OpType::Erase:
      op.key = in.text();
      return op;
    case OpType::Attach:
    case OpType::Release:
      op.blob = in.blob();
      return op;
    case OpType::Move:
      op.blob = in.blob();
      op.to.segment = in.number<std::uint32_t>();
      op.to.offset = in.number<std::uint64_t>();
      return op;
    case OpType::AddSegment:
    case OpType::DropSegment:
    case OpType::SetBase:
    case OpType::Seal:
      op.segment = in.number<std::uint32_t>();
      op.kind = static_cast<SegmentKind>(in.number<std::uint16_t>());
      op.number = in.number<std::uint64_t>();
      return op;
  }
  in.fail();
  return op;
}

Status readOps(View body, const BatchHeader& header, const std::function<Status(const Op&)>& row) {
  Take in(body.substr(kBatchHeaderSize));
  for (std::uint32_t i = 0; i < header.ops; ++i) {
    const Op op = takeOp(in);
    if (in.bad()) return makeError(Errc::Corrupt, "store: a batch record holds an op that does not parse");
    PH_CHECK(row(op));
  }
  if (!in.empty()) return makeError(Errc::Corrupt, "store: a batch record is longer than its ops");
  return {};
}

}  // namespace posthorn::store::embedded
