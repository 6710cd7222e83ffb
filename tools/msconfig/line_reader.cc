// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/line_reader.h"

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <histedit.h>
#include <langinfo.h>
#include <unistd.h>

#include "tools/msconfig/completion.h"

namespace posthorn::msconfig {

namespace {

class PlainLines final : public LineReader {
 public:
  Got next(const std::string& /*prompt*/, std::string& line) override {
    std::cout.flush();
    return std::getline(std::cin, line) ? Got::Line : Got::End;
  }
  [[nodiscard]] bool typed() const override { return false; }
};

extern "C" void interrupted(int /*signal*/) {}

/// ^C gives up the line that is being typed, never the edits.
void catchInterrupts() {
  struct sigaction action {};
  action.sa_handler = interrupted;
  ::sigaction(SIGINT, &action, nullptr);
}

/// libedit reads characters, not octets: without a locale that knows UTF-8 it would lose some. Before any
/// thread.
void useUtf8() {
  // NOLINTBEGIN(concurrency-mt-unsafe)
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
  // NOLINTEND(concurrency-mt-unsafe)
}

class EditedLines final : public LineReader {
 public:
  EditedLines() {
    useUtf8();
    catchInterrupts();
    edit_.reset(::el_init("msconfig", stdin, stdout, stderr));
    history_.reset(::history_init());
    if (!edit_ || !history_) return;
    HistEvent event{};
    ::history(history_.get(), &event, H_SETSIZE, 200);
    ::history(history_.get(), &event, H_SETUNIQUE, 1);
    ::el_set(edit_.get(), EL_CLIENTDATA, this);
    ::el_set(edit_.get(), EL_PROMPT, &EditedLines::promptOf);
    ::el_set(edit_.get(), EL_EDITOR, "emacs");
    ::el_set(edit_.get(), EL_HIST, ::history, history_.get());
    // The wide forms: the others copy these texts and never free them.
    ::el_wset(edit_.get(), EL_ADDFN, L"complete", L"complete the name", &EditedLines::onTab);
    ::el_wset(edit_.get(), EL_BIND, L"^I", L"complete", nullptr);
  }

  [[nodiscard]] bool works() const { return edit_ && history_; }
  [[nodiscard]] bool typed() const override { return true; }

  Got next(const std::string& prompt, std::string& line) override {
    std::cout.flush();
    prompt_ = prompt;
    int count = 0;
    errno = 0;
    const char* text = ::el_gets(edit_.get(), &count);
    if (text == nullptr || count <= 0) {
      const bool signalled = errno == EINTR;
      ::el_reset(edit_.get());
      std::cout << "\n";
      return signalled ? Got::Interrupted : Got::End;
    }
    line.assign(text, static_cast<std::size_t>(count));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    HistEvent event{};
    if (!line.empty()) ::history(history_.get(), &event, H_ENTER, line.c_str());
    return Got::Line;
  }

 private:
  static EditedLines& self(EditLine* edit) {
    void* data = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &data);
    return *static_cast<EditedLines*>(data);
  }
  static char* promptOf(EditLine* edit) { return self(edit).prompt_.data(); }

  static unsigned char onTab(EditLine* edit, int /*key*/) {
    const LineInfo* info = ::el_line(edit);
    const Completion found =
        complete(std::string_view(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)));
    if (!found.insert.empty() && ::el_insertstr(edit, found.insert.c_str()) == 0) return CC_REFRESH;
    if (found.choices.empty()) return CC_REFRESH_BEEP;
    std::cout << "\n" << found.choices << std::flush;
    return CC_REDISPLAY;
  }

  struct EndEdit {
    void operator()(EditLine* edit) const { ::el_end(edit); }
  };
  struct EndHistory {
    void operator()(History* history) const { ::history_end(history); }
  };
  std::string prompt_;
  std::unique_ptr<History, EndHistory> history_;
  std::unique_ptr<EditLine, EndEdit> edit_;
};

}  // namespace

std::unique_ptr<LineReader> makeLineReader() {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return std::make_unique<PlainLines>();
  auto lines = std::make_unique<EditedLines>();
  if (lines->works()) return lines;
  return std::make_unique<PlainLines>();
}

}  // namespace posthorn::msconfig
