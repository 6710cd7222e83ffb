// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/gzip.h"

#include <zlib.h>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::http {
namespace {

constexpr std::size_t kLeast = 1024;
constexpr int kLevel = 5;
constexpr int kGzipWindow = 15 + 16;

bool isText(View type) {
  return type.starts_with("text/") || type.starts_with("application/json") ||
         type.starts_with("application/problem+json") || type.starts_with("application/javascript");
}

// "q=0", "q=0.000": not wanted.
bool refused(View parameters) {
  for (View parameter : ascii::words(parameters, "; \t"))
    if (ascii::startsWith(parameter, "q=")) return parameter.find_first_not_of("0.", 2) == View::npos;
  return false;
}

bool deflated(View in, Bytes& out) {
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
  out.resize(deflateBound(&stream, static_cast<uLong>(in.size())));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return whole;
}

}  // namespace

bool acceptsCoding(View acceptEncoding, View coding) {
  bool any = false;
  for (const View item : ascii::split(acceptEncoding, ',')) {
    const std::size_t semicolon = item.find(';');
    const View name = ascii::trim(item.substr(0, semicolon));
    const View parameters = semicolon == View::npos ? View() : item.substr(semicolon + 1);
    if (ascii::equal(name, coding)) return !refused(parameters);
    if (name == "*") any = !refused(parameters);
  }
  return any;
}

void compress(Reply& reply, View acceptEncoding) {
  if (!reply.mayCompress || reply.more || reply.body.size() < kLeast || !isText(reply.type)) return;
  reply.headers.emplace_back("Vary", "Accept-Encoding");
  if (reply.body.size() > 0x7FFF'FFFFU || !acceptsCoding(acceptEncoding, "gzip")) return;
  Bytes small;
  if (!deflated(reply.body, small)) return;
  reply.body = std::move(small);
  reply.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace posthorn::mshttpd::http
