// SPDX-License-Identifier: Apache-2.0
#include "common/mime/words.h"

#include <optional>
#include <utility>

#include "common/base/ascii.h"
#include "common/mime/charset.h"
#include "common/mime/decode.h"
#include "common/mime/header.h"
#include "common/mime/utf8_text.h"

namespace posthorn::mime {

namespace {

/// RFC 2047 2 says 75; senders who put a whole subject into one word stay under this, and no header costs
/// more than its length times it.
constexpr std::size_t kMaxWord = 2048;

/// One encoded word, still encoded.
struct Word {
  View charset;
  char encoding = 'q';
  View text;
  std::size_t length = 0;  // of all of it
};

/// Where the "?=" stands that ends a word. A "?" inside is forbidden and yet seen, but not many.
std::size_t endOfWord(View text, std::size_t at) {
  for (int strays = 0; strays < 8; ++strays) {
    at = text.find('?', at);
    if (at == View::npos || text.substr(at + 1, 1) == "=") return at;
    ++at;
  }
  return View::npos;
}

/// "=?charset*language?encoding?text?=" at the beginning of `text`.
std::optional<Word> wordAt(View text) {
  if (text.substr(0, 2) != "=?") return std::nullopt;
  text = text.substr(0, kMaxWord);
  const std::size_t charsetEnd = text.find_first_of("? \t", 2);
  if (charsetEnd == View::npos || text[charsetEnd] != '?' || charsetEnd == 2) return std::nullopt;
  if (charsetEnd + 2 >= text.size() || text[charsetEnd + 2] != '?') return std::nullopt;
  Word word;
  word.charset = text.substr(2, charsetEnd - 2);
  word.charset = word.charset.substr(0, word.charset.find('*'));  // RFC 2231 5
  word.encoding = ascii::lower(text[charsetEnd + 1]);
  const std::size_t begin = charsetEnd + 3;
  // Blanks inside are forbidden and yet seen (in Q words of old senders): only "?=" ends a word.
  const std::size_t end = endOfWord(text, begin);
  if (end == View::npos || (word.encoding != 'q' && word.encoding != 'b')) return std::nullopt;
  word.text = text.substr(begin, end - begin);
  if (word.text.find("=?") != View::npos) return std::nullopt;
  word.length = end + 2;
  return word;
}

Bytes octetsOf(const Word& word) {
  Bytes text(word.text);
  if (word.encoding == 'q') {
    for (char& c : text) {
      if (c == '_') c = ' ';
    }
    // A blank that ends the text is meant, not padding: hide it from the decoder of bodies.
    Bytes out;
    std::size_t blanks = text.size();
    while (blanks > 0 && text[blanks - 1] == ' ') --blanks;
    TransferDecoder decoder(Encoding::QuotedPrintable);
    decoder.feed(View(text).substr(0, blanks), out);
    decoder.finish(out);
    return out.append(text, blanks);
  }
  TransferDecoder decoder(Encoding::Base64);
  Bytes out;
  decoder.feed(text, out);
  decoder.finish(out);
  return out;
}

bool onlyBlanks(View text) {
  return text.find_first_not_of(" \t\r\n") == View::npos;
}

/// Whether it stands where RFC 2047 5 lets it stand.
bool properlyPlaced(View text, std::size_t at, const Word& word) {
  if (word.text.find_first_of(" \t\r\n") != View::npos) return false;
  const View behind = text.substr(at + word.length);
  return (at == 0 || View(" \t\r\n(,").find(text[at - 1]) != View::npos) &&
         (behind.empty() || View(" \t\r\n),<").find(behind.front()) != View::npos);
}

/// Nobody can have meant to show a control character: C0, DEL, and C1 in its two octets.
Bytes withoutControls(View utf8) {
  Bytes out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto octet = static_cast<unsigned char>(utf8[i]);
    const bool c1 = octet == 0xC2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xA0;
    if (c1) ++i;
    if (!c1 && octet >= 0x20 && octet != 0x7F) out.push_back(utf8[i]);
  }
  return out;
}

class WordDecoder {
 public:
  explicit WordDecoder(WordPlaces places) : places_(places) {}

  Bytes run(View text) {
    std::size_t plain = 0;  // where text that is no word begins
    for (std::size_t at = text.find("=?"); at != View::npos;) {
      const auto word = wordAt(text.substr(at));
      const bool readable = word && (places_ == WordPlaces::Anywhere || properlyPlaced(text, at, *word)) &&
                            CharsetDecoder(word->charset).known();
      if (!readable) {
        at = text.find("=?", at + 2);
        continue;
      }
      const View between = text.substr(plain, at - plain);
      // Blanks between two words fall away (RFC 2047 6.2).
      if (!pending_ || !onlyBlanks(between)) {
        flush();
        putPlain(between);
      }
      add(*word);
      plain = at + word->length;
      at = text.find("=?", plain);
    }
    flush();
    putPlain(text.substr(plain));
    return std::move(out_);
  }

 private:
  /// Octets of neighbours in one charset are joined before they are converted: senders cut characters in two.
  void add(const Word& word) {
    if (pending_ && !ascii::equal(charset_, word.charset)) flush();
    charset_ = word.charset;
    octets_.append(octetsOf(word));
    pending_ = true;
  }
  void flush() {
    if (pending_) out_.append(withoutControls(toUtf8(octets_, charset_)));
    octets_.clear();
    pending_ = false;
  }
  void putPlain(View text) {
    if (asciiLength(text) == text.size()) {
      out_.append(text);
    } else {
      out_.append(toUtf8(text, {}));
    }
  }

  WordPlaces places_;
  Bytes out_;
  Bytes octets_;
  View charset_;
  bool pending_ = false;
};

}  // namespace

Bytes decodeWords(View text, WordPlaces places) {
  Bytes out = WordDecoder(places).run(text);
  for (char& c : out) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return out;
}

Bytes decodeHeader(View value, WordPlaces places) {
  return decodeWords(unfold(value), places);
}

}  // namespace posthorn::mime
