// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::deliver {

/// Takes out of a message that passes by what delivery replaces: a leading mbox "From " line, and Return-Path
/// fields if so told. Everything else passes as it is, whatever its form.
class HeaderFilter {
 public:
  using Sink = std::function<Status(View)>;
  HeaderFilter(bool dropReturnPath, Sink sink) : dropReturnPath_(dropReturnPath), sink_(std::move(sink)) {}

  Status feed(View part);
  /// No more text follows.
  Status end();

 private:
  Status line(View text);
  [[nodiscard]] bool drops(View text);

  bool dropReturnPath_;
  Sink sink_;
  std::string line_;  // the beginning of a line whose end has not come yet
  bool first_ = true;
  bool dropping_ = false;  // the field before this line was dropped, its folded lines go too
  bool inBody_ = false;
};

}  // namespace posthorn::deliver
