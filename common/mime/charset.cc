// SPDX-License-Identifier: Apache-2.0
#include "common/mime/charset.h"

#include <array>
#include <utility>

#include <unicode/ucnv.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/mime/utf8_text.h"

namespace posthorn::mime {

namespace {

constexpr View kReplacement = "\xEF\xBF\xBD";

struct Alias {
  View name;
  const char* converter;
};
// What mail calls these is mostly their larger sister (as in the Encoding Standard).
constexpr Alias kAliases[] = {
    {"iso-8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"ks_c_5601-1987", "windows-949"},
    {"euc-kr", "windows-949"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"shift_jis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"unicode-1-1-utf-7", "utf-7"},
};

bool isUtf8Name(View name) {
  return ascii::equal(name, "utf-8") || ascii::equal(name, "utf8");
}
bool isAsciiName(View name) {
  return name.empty() || ascii::equal(name, "us-ascii") || ascii::equal(name, "ascii") ||
         ascii::equal(name, "unknown-8bit") || ascii::equal(name, "x-unknown") || ascii::equal(name, "8bit");
}

UConverter* openConverter(View name) {
  // ICU takes names with odd characters for converter options and files; no charset has them.
  if (name.empty() || name.size() > 60 || name.find_first_of(", /=\\\t\r\n") != View::npos ||
      name.find('\0') != View::npos)
    return nullptr;
  Bytes wanted(name);
  for (const Alias& alias : kAliases) {
    if (ascii::equal(name, alias.name)) wanted = alias.converter;
  }
  UErrorCode error = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(wanted.c_str(), &error);
  return U_SUCCESS(error) ? converter : nullptr;
}

}  // namespace

class CharsetDecoder::Converter {
 public:
  enum class Kind : std::uint8_t { Utf8, Guess, Icu, Unknown };

  explicit Converter(View name) {
    if (isUtf8Name(name)) {
      kind_ = Kind::Utf8;
    } else if (isAsciiName(name)) {
      kind_ = Kind::Guess;
    } else {
      icu_ = openConverter(name);
      kind_ = icu_ != nullptr ? Kind::Icu : Kind::Unknown;
    }
  }
  ~Converter() {
    if (icu_ != nullptr) ucnv_close(icu_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  [[nodiscard]] bool known() const { return kind_ != Kind::Unknown; }

  void feed(View octets, Bytes& out, bool last) {
    if (kind_ == Kind::Unknown) {
      out.append(octets);
    } else if (kind_ == Kind::Icu) {
      convert(octets, out, last);
    } else {
      unicode(octets, out, last);
    }
  }

 private:
  /// Well-formed characters pass; others are replaced, or read as windows-1252 where nobody said UTF-8.
  void unicode(View octets, Bytes& out, bool last) {
    Bytes joined;
    if (!cut_.empty()) {
      joined = std::exchange(cut_, {}).append(octets);
      octets = joined;
    }
    while (!octets.empty()) {
      std::size_t good = 0;
      while (good < octets.size()) {
        good += asciiLength(octets.substr(good));
        if (good == octets.size()) break;
        const std::size_t length = utf8::characterLength(octets.substr(good, 4));
        if (length == 0) break;
        good += length;
      }
      out.append(octets.substr(0, good));
      octets.remove_prefix(good);
      if (octets.empty()) return;
      if (!last && cutCharacter(octets)) {
        cut_ = octets;
        return;
      }
      if (kind_ == Kind::Utf8) {
        out.append(kReplacement);
      } else {
        if (icu_ == nullptr) icu_ = openConverter("windows-1252");
        convert(octets.substr(0, 1), out, true);
      }
      octets.remove_prefix(1);
    }
  }

  void convert(View octets, Bytes& out, bool last) {
    if (icu_ == nullptr) {
      out.append(octets);
      return;
    }
    const char* source = octets.data();
    const char* const end = source + octets.size();
    std::array<UChar, 1024> units;
    for (;;) {
      UErrorCode error = U_ZERO_ERROR;
      UChar* unit = units.data();
      ucnv_toUnicode(icu_, &unit, units.data() + units.size(), &source, end, nullptr, last ? 1 : 0, &error);
      const bool more = error == U_BUFFER_OVERFLOW_ERROR;
      putUnits({units.data(), static_cast<std::size_t>(unit - units.data())}, out);
      if (!more) break;
    }
    if (last) ucnv_resetToUnicode(icu_);
  }

  /// UTF-16 to UTF-8; a pair may be cut between two windows.
  void putUnits(std::u16string_view units, Bytes& out) {
    for (const UChar unit : units) {
      UChar32 character = unit;
      if (U16_IS_LEAD(unit)) {
        lead_ = unit;
        continue;
      }
      if (U16_IS_TRAIL(unit)) {
        character = lead_ != 0 ? U16_GET_SUPPLEMENTARY(lead_, unit) : 0xFFFD;
      }
      lead_ = 0;
      utf8::append(out, static_cast<std::uint32_t>(character));
    }
  }

  Kind kind_ = Kind::Unknown;
  UConverter* icu_ = nullptr;
  Bytes cut_;       // the beginning of a character
  UChar lead_ = 0;  // the first half of a pair
};

CharsetDecoder::CharsetDecoder(View name) : converter_(std::make_unique<Converter>(name)) {}
CharsetDecoder::~CharsetDecoder() = default;
CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;

bool CharsetDecoder::known() const {
  return converter_->known();
}
void CharsetDecoder::feed(View octets, Bytes& out) {
  converter_->feed(octets, out, false);
}
void CharsetDecoder::finish(Bytes& out) {
  converter_->feed({}, out, true);
}

bool knownCharset(View name) {
  return !name.empty() && CharsetDecoder(name).known();
}

Bytes toUtf8(View octets, View charset) {
  CharsetDecoder decoder(charset);
  Bytes out;
  decoder.feed(octets, out);
  decoder.finish(out);
  return out;
}

}  // namespace posthorn::mime
