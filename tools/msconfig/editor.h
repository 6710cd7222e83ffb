// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/file.h"
#include "common/config/finding.h"
#include "common/config/names.h"
#include "common/config/snapshot.h"

namespace posthorn::msconfig {

/// One step of a change of one option.
struct Edit {
  config::Named named;
  std::optional<std::string> value;    ///< without value and comment the option is taken out
  std::optional<std::string> comment;  ///< what its line says behind #; empty takes that away
};

enum class Mode : std::uint8_t {
  Command,  ///< one command of the system's shell: read, change and write under one lock
  Shell,    ///< edits pile up until `write`
};

/// The configuration that is being edited: the file as it was read, and the edits that are not written yet.
/// One thread.
class Editor {
 public:
  Editor(std::string file, Mode mode) : file_(std::move(file)), mode_(mode) {}

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] Mode mode() const { return mode_; }
  /// The file's text when it was read, and with the edits.
  [[nodiscard]] const std::string& written() const { return base_.text; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool unsaved() const { return text_ != base_.text; }

  /// Reads the file unless that has been done. A Command that changes keeps other editors out from here on.
  Status open(bool toChange);
  /// Reads the file anew; edits are dropped.
  Status reread();

  /// Does all edits or none. Invalid, NotFound and Unsupported are told with the option's name.
  Status apply(const std::vector<Edit>& edits);
  /// Puts another text in the place of the whole configuration.
  void replace(std::string text);
  /// The next write says of all edits together which commands bring them about.
  void summarise() { summary_ = true; }

  /// Writes the edits under a lock and keeps what was there before; says then what was to be said of them,
  /// and which commands bring them about. What is wrong now and was not wrong before refuses the write and is
  /// said on standard error. Conflict: somebody else has written meanwhile; the edits have then been put on
  /// top of his text where that could be done. An empty remark names the options.
  Status write(const std::string& remark);

  /// What a command has to say of its changes: at once in the shell, else when they have been written.
  void say(const std::string& text);

  /// Asks to leave the shell: granted, unless there are unsaved edits and this is the first time it is asked
  /// since the last other command.
  bool leave();
  [[nodiscard]] bool leaving() const { return leaving_; }
  void stay() { warned_ = false; }

 private:
  Status check() const;
  Status replaceWritten(const config::EditLock& lock, const config::FileText& now, const std::string& remark);
  Status meetOthers(config::FileText now);
  void sayAfterWrite(const config::Loaded& was);

  std::string file_;
  Mode mode_;
  bool opened_ = false;
  config::FileText base_;
  std::string text_;
  std::vector<Edit> edits_;
  bool replaced_ = false;  ///< edits_ does not tell all
  bool summary_ = false;
  std::optional<config::EditLock> lock_;
  std::string said_;
  bool warned_ = false;
  bool leaving_ = false;
};

/// What is wrong in `after` and was not wrong in `before`: a file with an old fault can still be repaired
/// step by step.
config::Findings newFindings(const config::Loaded& before, const config::Loaded& after);

}  // namespace posthorn::msconfig
