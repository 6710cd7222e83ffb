// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "test/system/crash/workload.h"

namespace posthorn::crash {

/// `rounds` times: `writers` processes run the workload on one store, all are killed (SIGKILL) at a random
/// moment, and the store is checked with everything that they had acknowledged so far. Exit status.
int killLoop(Workload& workload, unsigned rounds, unsigned writers);

/// Runs the workload under the recorder (an LD_PRELOAD library that notes each call which changes or flushes
/// files), then cuts the power `cuts` times: at a random call, with a random subset of the unflushed sectors
/// and names on the disk. `self` are the arguments that make this program run recordChild(). Exit status.
int powerCut(Workload& workload, unsigned cuts, const std::string& recorder,
             const std::vector<std::string>& self);

/// The recorded process: `threads` writers, `steps` each, on the store at `root`.
int recordChild(Workload& workload, const std::string& root, unsigned threads, unsigned steps);

/// A directory for stores: $POSTHORN_CRASH_DIR, or a fresh one below /tmp.
class ScratchDir {
 public:
  explicit ScratchDir(const std::string& base);
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;
  ~ScratchDir();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace posthorn::crash
