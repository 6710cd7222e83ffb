// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/store/objects/emails.h"
#include "common/store/objects/filter.h"
#include "common/store/objects/texts.h"

namespace posthorn::store::objects {

/// Flags by name over all messages of an account. Made while the snapshot is there.
class FlagTest {
 public:
  static Result<FlagTest> make(Snapshot& from, const Emails& emails, const FlagName& name);

  /// A copy of it has the flag.
  [[nodiscard]] bool has(const Emails& emails, std::size_t email) const;

  /// Reads the threads of all messages; needed once before the two below.
  void readThreads(const Emails& emails);
  [[nodiscard]] bool someInThread(std::uint64_t thread) const { return (of(thread) & kSome) != 0; }
  [[nodiscard]] bool allInThread(std::uint64_t thread) const { return (of(thread) & kLacks) == 0; }

 private:
  static constexpr std::uint8_t kSome = 1;
  static constexpr std::uint8_t kLacks = 2;
  [[nodiscard]] std::uint8_t of(std::uint64_t thread) const {
    const auto found = threads_.find(thread);
    return found == threads_.end() ? std::uint8_t{0} : found->second;
  }

  SystemFlags system_ = 0;
  std::vector<std::uint64_t> bits_;  // of the keyword, by box
  std::unordered_map<std::uint64_t, std::uint8_t> threads_;
};

/// A filter made ready for the messages of one account.
class Judge {
 public:
  static Result<Judge> make(Snapshot& from, const Emails& emails, const Filter& filter);

  /// `texts` is made when something beside the index is asked for.
  Result<bool> matches(const AccountHandle& account, const Emails& emails, std::size_t email,
                       std::optional<Texts>& texts) const;

 private:
  /// What a condition has to look at, cheapest first.
  enum class Cost : std::uint8_t { Index, Digest, Header, Body };
  struct Node {
    Filter::Kind kind = Filter::Kind::And;
    Cost cost = Cost::Index;
    std::vector<Node> parts;
    std::vector<bool> boxes;
    std::shared_ptr<const FlagTest> flag;
    std::string name;
    std::vector<std::string> words;
    std::int64_t time = 0;
    std::uint64_t number = 0;
  };
  struct Case;

  static Result<Node> prepare(Snapshot& from, const Emails& emails, const Filter& filter);
  static Result<bool> node(const Node& node, Case& at);
  static Result<bool> group(const Node& node, Case& at);
  static Result<bool> flags(const Node& node, Case& at);
  static Result<bool> facts(const Node& node, Case& at);
  static Result<bool> texts(const Node& node, Case& at);
  static Result<bool> anywhere(const Node& node, Texts& texts);

  Node root_;
};

}  // namespace posthorn::store::objects
