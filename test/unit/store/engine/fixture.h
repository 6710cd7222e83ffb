// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "common/store/engine/engine.h"

namespace posthorn::store::test {

/// A directory that goes with its scope.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "posthorn-store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct MemoryKind {
  static std::string url(const TempDir&) { return "memory:"; }
};
struct EmbeddedKind {
  static std::string url(const TempDir& dir) { return "embedded:" + dir.path(); }
};

/// An engine of the kind with one account "anna".
template <typename Kind>
struct World {
  TempDir dir;
  std::unique_ptr<Engine> engine = require(openEngine(Kind::url(dir)));
  std::shared_ptr<Domain> domain = require(engine->open("anna", Engine::Create::Yes));

  template <typename T>
  static T require(Result<T> result) {
    if (!result.ok()) FAIL(result.error().describe());
    return std::move(result).value();
  }
};

template <typename T>
T require(Result<T> result) {
  if (!result.ok()) FAIL(result.error().describe());
  return std::move(result).value();
}
inline void require(const Status& status) {
  if (!status.ok()) FAIL(Status(status).error().describe());
}

template <typename T>
Errc codeOf(const Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  return result.error().code;
}
inline Errc codeOf(const Status& status) {
  REQUIRE_FALSE(status.ok());
  return status.error().code;
}

inline void put(Domain& domain, View key, View value) {
  require(domain.commit(Sync::Durable, [&](Batch& batch) { return batch.put(key, value); }));
}

inline std::string get(Domain& domain, View key) {
  const auto snapshot = require(domain.snapshot());
  auto value = snapshot->get(key);
  return value.ok() ? std::string(*value) : "<" + std::string(toString(value.error().code)) + ">";
}

using Dump = std::map<std::string, std::string>;
inline Dump dump(Domain& domain) {
  Dump rows;
  const auto snapshot = require(domain.snapshot());
  require(snapshot->scan("", "", [&](View key, View value) {
    rows.emplace(key, value);
    return true;
  }));
  return rows;
}

inline std::unique_ptr<BlobWriter> stage(Domain& domain, View bytes) {
  auto writer = require(domain.blob(bytes.size()));
  require(writer->write(bytes));
  require(writer->seal());
  return writer;
}

inline BlobRef attach(Domain& domain, View bytes, View key = "blob") {
  const auto writer = stage(domain, bytes);
  BlobRef ref;
  require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_TRY(ref, batch.attach(*writer));
    return batch.put(key, View(reinterpret_cast<const char*>(&ref), sizeof ref));
  }));
  return ref;
}

inline std::string readBlob(Domain& domain, const BlobRef& ref) {
  const auto slice = require(domain.read(ref, 0, ref.length));
  std::string out(static_cast<std::size_t>(slice.length), '\0');
  REQUIRE(require(slice.read(0, out.data(), out.size())) == out.size());
  return out;
}

/// Text that no compressor and no zero page would make alike.
inline std::string sample(std::size_t size, std::uint32_t seed = 1) {
  std::string out(size, ' ');
  for (auto& c : out) {
    seed = seed * 1664525U + 1013904223U;
    c = static_cast<char>('!' + (seed >> 24) % 90);
  }
  return out;
}

}  // namespace posthorn::store::test
