// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace posthorn::mshttpd::http {

/// Octets of large replies that clients have not taken yet: who reads none of them gets no further ones made.
/// What is made already is kept for its client, whatever it weighs. Loop thread.
class Waiting {
 public:
  Waiting(std::uint64_t most, std::uint64_t mostOfUser) : most_(most), mostOfUser_(mostOfUser) {}

  /// A reply; not there any more when it goes.
  class Share {
   public:
    Share(std::shared_ptr<Waiting> of, std::string user, std::uint64_t octets)
        : of_(std::move(of)), user_(std::move(user)), octets_(octets) {
      of_->all_ += octets_;
      of_->users_[user_] += octets_;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      of_->all_ -= octets_;
      const auto his = of_->users_.find(user_);
      if ((his->second -= octets_) == 0) of_->users_.erase(his);
    }

   private:
    std::shared_ptr<Waiting> of_;
    std::string user_;
    std::uint64_t octets_;
  };

  /// Whether another reply of any size may be made for the user.
  [[nodiscard]] bool room(const std::string& user) const {
    const auto his = users_.find(user);
    return all_ < most_ && (his == users_.end() || his->second < mostOfUser_);
  }

 private:
  const std::uint64_t most_;
  const std::uint64_t mostOfUser_;
  std::uint64_t all_ = 0;
  std::map<std::string, std::uint64_t> users_;
};

}  // namespace posthorn::mshttpd::http
