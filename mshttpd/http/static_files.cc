// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/static_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/ids.h"

namespace posthorn::mshttpd::http {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostFiles = 2000;
constexpr std::uint64_t kMostOctets = 64UL << 20;

struct TypeRow {
  std::string_view ending;
  std::string_view type;
};
constexpr TypeRow kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
};

Bytes contentOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string etagOf(const Bytes& content) {
  Bytes raw;
  putBe(raw, stableHash(content));
  putBe(raw, static_cast<std::uint32_t>(content.size()));
  return '"' + toHex(raw) + '"';
}

bool wanted(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  return !entry.is_symlink() && entry.is_regular_file() && !name.starts_with('.') && !name.ends_with(".map");
}

}  // namespace

std::string_view typeOfName(View name) {
  for (const TypeRow& row : kTypes)
    if (name.ends_with(row.ending)) return row.type;
  return "application/octet-stream";
}

Result<std::shared_ptr<const StaticFiles>> StaticFiles::read(const std::string& folder) {
  auto made = std::make_shared<StaticFiles>();
  std::error_code ec;
  std::uint64_t octets = 0;
  std::map<std::string, fs::path> found;
  if (folder.empty() || !fs::is_directory(folder, ec)) return std::shared_ptr<const StaticFiles>(made);
  for (auto at = fs::recursive_directory_iterator(folder, ec); !ec && at != fs::end(at); at.increment(ec)) {
    if (!wanted(*at)) continue;
    octets += at->file_size(ec);
    if (ec) break;
    if (found.size() >= kMostFiles || octets > kMostOctets)
      return makeError(Errc::Limit, "too much to serve in " + folder);
    found.emplace('/' + fs::relative(at->path(), folder).generic_string(), at->path());
  }
  if (ec) return makeError(Errc::Io, folder + ": " + ec.message());
  for (const auto& [name, path] : found) {
    const std::string stem = name.substr(0, name.size() - std::min<std::size_t>(3, name.size()));
    if ((name.ends_with(".gz") || name.ends_with(".br")) && found.contains(stem)) continue;
    File file;
    file.plain = contentOf(path);
    if (const auto gz = found.find(name + ".gz"); gz != found.end()) file.gzip = contentOf(gz->second);
    if (const auto br = found.find(name + ".br"); br != found.end()) file.brotli = contentOf(br->second);
    file.type = typeOfName(name);
    file.etag = etagOf(file.plain);
    file.forEver = name.starts_with("/assets/");
    file.isPage = name.ends_with(".html");
    made->files_.emplace(name, std::move(file));
  }
  return std::shared_ptr<const StaticFiles>(made);
}

const StaticFiles::File* StaticFiles::find(const std::string& path) const {
  const auto found = files_.find(path == "/" ? std::string("/index.html") : path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace posthorn::mshttpd::http
