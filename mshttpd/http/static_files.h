// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::mshttpd::http {

/// The browser client: a folder of files, read once and kept in memory. Never changes; any thread.
class StaticFiles {
 public:
  struct File {
    Bytes plain;
    Bytes gzip;    ///< of NAME.gz; empty: there is none
    Bytes brotli;  ///< of NAME.br
    std::string type;
    std::string etag;      ///< with quotes
    bool forEver = false;  ///< below /assets/: its name changes with its content
    bool isPage = false;   ///< HTML
  };

  /// Reads all regular files below `folder` (no links, no dot files, no source maps); at most 2,000 files and
  /// 64 MB. An absent folder has none. Blocks.
  static Result<std::shared_ptr<const StaticFiles>> read(const std::string& folder);

  /// By the decoded path of a request: "/assets/main.js"; "/" is /index.html. Null: there is none. Nothing
  /// but names that were read can be found.
  [[nodiscard]] const File* find(const std::string& path) const;
  [[nodiscard]] bool empty() const { return files_.empty(); }

 private:
  std::map<std::string, File, std::less<>> files_;
};

/// The media type that a file's name says, for those that browsers need. Pure.
std::string_view typeOfName(View name);

}  // namespace posthorn::mshttpd::http
