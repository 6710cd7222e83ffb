// SPDX-License-Identifier: Apache-2.0
#include "test/unit/mime/messages.h"

namespace posthorn::mime {

Bytes crlf(View text) {
  Bytes out;
  for (const char c : text) {
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

Bytes multipart(View body, View subtype) {
  return "Subject: m\nMIME-Version: 1.0\nContent-Type: multipart/" + Bytes(subtype) + "; boundary=\"b\"\n\n" +
         Bytes(body);
}

std::vector<Bytes> hardMessages() {
  std::vector<Bytes> messages = {"",
                                 "\r",
                                 "\r\n",
                                 "-",
                                 "--",
                                 "--b",
                                 "a",
                                 "Subject: x",
                                 "Subject: x\r",
                                 "Subject: x\r\n\r",
                                 "\n\n\n",
                                 "Subject: a\rb\r\r\n\r\r\n\rbody\r",
                                 Bytes("Subject: \0\r\n\r\n\0", 14)};
  for (const View body :
       {View("pre\n--b\n\none\n\n--b\nContent-Type: text/html\n\ntwo\n--b--\nepi\n--b\n"), View("--b"),
        View("--b\n"), View("--b\n\n--b\n--b\n\n\n--b--"), View("--b\nContent-Type: text/plain\n--b--"),
        View("-\n--\n--c\n--b\n\n-\n--\n--c\n-"),
        View("--b\nContent-Type: message/rfc822\n\nSubject: in\n folded\n\n--b\n\nx\n--b--\n"),
        View("--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; "
             "boundary=bb\n\n--bb\n\nx\n\n--bb--\n\n--b\n\ny\n"),
        View("--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\nSubject: d\n\nx\n--c--\n--b--\n"),
        View("--b\nContent-Type: message/rfc822\n\n--b\nContent-Type: message/rfc822\n--b--\n")}) {
    messages.push_back(crlf(multipart(body)));
    messages.push_back(multipart(body));
  }
  Bytes many;
  for (int i = 0; i < 30; ++i) many.append("--b\nContent-Type: text/plain\n\nline\rstill\n--x\n\n");
  messages.push_back(crlf(multipart(many)));
  return messages;
}

}  // namespace posthorn::mime
