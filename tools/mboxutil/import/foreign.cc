// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/foreign.h"

namespace posthorn::migrate {

Status checkIsMail(View begin) {
  using namespace std::string_view_literals;
  struct Magic {
    View begin;
    const char* what;
  };
  static constexpr Magic kMagics[] = {
      {"\x1F\x8B"sv, "compressed (gzip)"},
      {"BZh"sv, "compressed (bzip2)"},
      {"\xFD\x37\x7A\x58\x5A\x00"sv, "compressed (xz)"},
      {"\x28\xB5\x2F\xFD"sv, "compressed (zstd)"},
      {"Dovecot-LZ4\x0D\x2A\x9B\xC5"sv, "compressed (LZ4)"},
      {"CRYPTED\x03\x07"sv, "encrypted"},
  };
  for (const Magic& magic : kMagics)
    if (begin.substr(0, magic.begin.size()) == magic.begin)
      return makeError(Errc::Unsupported,
                       std::string("the file is ") + magic.what +
                           " by its server; copy the mailbox out of it with doveadm sync first");
  return {};
}

}  // namespace posthorn::migrate
