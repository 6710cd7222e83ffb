// SPDX-License-Identifier: Apache-2.0

// Answers FETCH of one message by the MIME room alone. On stdin: "MESSAGE size", its octets, then names of
// items, one a line (ENVELOPE, BODY, BODYSTRUCTURE, BODY[section], PREVIEW, OUTLINE, PACKED); "MESSAGE" again
// begins the next. On stdout, for each item: a line with the octets' count, or NIL, and the octets with a
// newline.

#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "common/base/ascii.h"
#include "common/mime/bodystructure.h"
#include "common/mime/digest.h"
#include "common/mime/section.h"

using namespace posthorn;

namespace {

struct Message {
  Bytes text;
  mime::Digest digest;
};

std::optional<mime::Section> parseSection(View name) {
  mime::Section section;
  while (!name.empty() && ascii::isDigit(name.front())) {
    const std::size_t dot = name.find('.');
    const auto number = ascii::number(name.substr(0, dot));
    if (!number) return std::nullopt;
    section.path.push_back(static_cast<std::uint32_t>(*number));
    name = dot == View::npos ? View() : name.substr(dot + 1);
  }
  const std::size_t blank = name.find(" (");
  const View text = name.substr(0, blank);
  if (blank != View::npos) {
    for (const View field : ascii::words(name.substr(blank + 2), " )")) section.fields.emplace_back(field);
  }
  using Text = mime::Section::Text;
  struct Spelling {
    View name;
    Text text;
  };
  constexpr Spelling kSpellings[] = {{"", Text::Whole},
                                     {"HEADER", Text::Header},
                                     {"HEADER.FIELDS", Text::HeaderFields},
                                     {"HEADER.FIELDS.NOT", Text::HeaderFieldsNot},
                                     {"TEXT", Text::Text},
                                     {"MIME", Text::Mime}};
  for (const Spelling& spelling : kSpellings) {
    if (!ascii::equal(text, spelling.name)) continue;
    section.text = spelling.text;
    return section;
  }
  return std::nullopt;
}

std::optional<Bytes> sectionOf(const Message& message, View name) {
  const auto section = parseSection(name);
  if (!section) return std::nullopt;
  const auto found = mime::resolve(message.digest.outline, *section);
  if (!found) return std::nullopt;
  const View octets = View(message.text).substr(found->range.offset, found->range.length);
  if (!found->filtered) return Bytes(octets);
  mime::HeaderFilter filter = mime::filterOf(*section);
  Bytes out;
  filter.feed(octets, out);
  filter.finish(out);
  return out;
}

std::optional<Bytes> answer(const Message& message, View item) {
  if (item == "ENVELOPE") return message.digest.envelope;
  if (item == "BODYSTRUCTURE") return message.digest.bodystructure;
  if (item == "PREVIEW") return message.digest.preview;
  if (item == "OUTLINE") return mime::packOutline(message.digest.outline);
  if (item == "PACKED") return mime::packDigest(message.digest);
  if (item == "BODY") {
    auto body = mime::bodyOfBodystructure(message.digest.bodystructure);
    return body.ok() ? *body : body.error().describe();
  }
  if (ascii::startsWith(item, "BODY[") && item.back() == ']')
    return sectionOf(message, item.substr(5, item.size() - 6));
  return Bytes("unknown item");
}

}  // namespace

int main() {
  Message message;
  std::string line;
  while (std::getline(std::cin, line)) {
    if (ascii::startsWith(line, "MESSAGE ")) {
      message.text.resize(ascii::number(View(line).substr(8)).value_or(0));
      std::cin.read(message.text.data(), static_cast<std::streamsize>(message.text.size()));
      mime::DigestMaker maker;
      maker.feed(message.text);
      message.digest = maker.finish();
      continue;
    }
    const auto octets = answer(message, line);
    if (octets) {
      std::cout << octets->size() << "\n" << *octets << "\n";
    } else {
      std::cout << "NIL\n";
    }
  }
  return 0;
}
