// SPDX-License-Identifier: Apache-2.0

// mime_bench: what reading a message costs: structure and wire bytes alone, and with text for search.

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <vector>

#include <fmt/core.h>

#include "common/base/base64.h"
#include "common/mime/bodystructure.h"
#include "common/mime/digest.h"
#include "common/mime/fold.h"

using namespace posthorn;

namespace {

class FoldingSink : public mime::TextSink {
 public:
  void onText(Origin /*origin*/, View utf8) override {
    folded_.clear();
    mime::foldInto(utf8, folded_);
    octets += folded_.size();
  }
  std::size_t octets = 0;

 private:
  Bytes folded_;
};

Bytes typical() {
  Bytes message =
      "Return-Path: <bounces@lists.example.org>\r\nReceived: from mx.example.org (mx.example.org "
      "[192.0.2.1])\r\n"
      "\tby mail.example.net with ESMTPS id 4FZ1x\r\n\tfor <anna@example.net>; Sat, 21 Nov 2026 07:00:00 "
      "+0000 (UTC)\r\n"
      "From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\r\nTo: Anna <anna@example.net>, bert@example.net\r\n"
      "Subject: =?utf-8?B?R3LDvMOfZSBhdXMgQmVybGlu?=\r\nDate: Sat, 21 Nov 2026 07:00:00 +0000\r\n"
      "Message-ID: <1@example.org>\r\nIn-Reply-To: <0@example.net>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative; boundary=\"=_x\"\r\n\r\n--=_x\r\nContent-Type: text/plain; "
      "charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  while (message.size() < 2400)
    message.append("Gr=C3=BC=C3=9Fe aus Berlin, wo die Sonne scheint und der Wind weht.\r\n");
  message.append("\r\n--=_x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n");
  while (message.size() < 5000)
    message.append("<p>Gr&uuml;&szlig;e aus <b>Berlin</b>, wo die Sonne scheint.</p>\r\n");
  return message.append("--=_x--\r\n");
}

Bytes large() {
  Bytes message =
      "Subject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b\r\n"
      "Content-Type: application/zip; name=x.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const Bytes line = base64::encode(Bytes(57, '\x5A')) + "\r\n";
  while (message.size() < 10'000'000) message.append(line);
  return message.append("--b--\r\n");
}

Bytes largeText() {
  Bytes message = "Subject: large\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  while (message.size() < 10'000'000)
    message.append(
        "Gr\xC3\xBC\xC3\x9F"
        "e aus Berlin, wo die Sonne scheint und der Wind weht.\r\n");
  return message;
}

/// Of this thread alone: a busy machine must not count.
double cpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// The median of some rounds.
template <typename Work>
double median(int rounds, int times, const Work& work) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    const double start = cpuSeconds();
    for (int i = 0; i < times; ++i) work();
    seconds.push_back((cpuSeconds() - start) / times);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

std::size_t wire(View message) {
  const mime::Structure structure = mime::parseMessage(message);
  return structure.heads.front().envelope.size() + mime::printBodystructure(structure).size();
}

void digest(View message, mime::TextSink* sink) {
  mime::DigestMaker maker(sink);
  for (std::size_t at = 0; at < message.size(); at += 65'536) maker.feed(message.substr(at, 65'536));
  static_cast<void>(mime::packDigest(maker.finish()));
}

void measure(View name, View message, int times) {
  FoldingSink sink;
  const double structure = median(7, times, [&] { wire(message); });
  const double whole = median(7, times, [&] { digest(message, nullptr); });
  const double text = median(7, times, [&] { digest(message, &sink); });
  const double mega = static_cast<double>(message.size()) / 1e6;
  fmt::print(
      "{:10} {:9} octets  structure and wire {:9.1f} us {:7.0f} MB/s  digest packed {:9.1f} us {:7.0f} MB/s  "
      "with folded text {:9.1f} us {:6.0f} MB/s\n",
      name, message.size(), structure * 1e6, mega / structure, whole * 1e6, mega / whole, text * 1e6,
      mega / text);
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && View(argv[1]) == "smoke";
  measure("typical", typical(), smoke ? 1 : 2000);
  measure("attachment", large(), 1);
  measure("text", largeText(), 1);
  return 0;
}
