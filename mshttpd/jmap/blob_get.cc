// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include <openssl/evp.h>

#include "common/base/base64.h"
#include "common/base/utf8.h"
#include "mshttpd/jmap/blob_content.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

// All the data of one call: it comes as JSON, perhaps in base64, and is in memory meanwhile.
constexpr std::uint64_t kMostData = 16UL * 1024 * 1024;

struct Wanted {
  bool text = false;
  bool base64 = false;
  bool either = false;  ///< "data": text, or base64 where it is none
  bool size = false;
  std::vector<std::string> digests;  ///< "sha", "sha-256"
  [[nodiscard]] bool octets() const { return text || base64 || either || !digests.empty(); }
};

Result<Wanted> wantedOf(const Json& args) {
  PH_TRY(const auto properties, stringsArgument(args, "properties"));
  Wanted out;
  for (const std::string& name : properties.value_or(std::vector<std::string>{"data", "size"})) {
    if (name == "data:asText") {
      out.text = true;
    } else if (name == "data:asBase64") {
      out.base64 = true;
    } else if (name == "data") {
      out.either = true;
    } else if (name == "size") {
      out.size = true;
    } else if (name == "digest:sha" || name == "digest:sha-256") {
      out.digests.push_back(name.substr(7));
    } else if (name != "id") {
      return invalidArgument("properties", "has no " + name);
    }
  }
  return out;
}

std::string digestOf(View octets, const std::string& name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  EVP_Digest(octets.data(), octets.size(), hash.data(), &length, name == "sha" ? EVP_sha1() : EVP_sha256(),
             nullptr);
  return base64::encode({reinterpret_cast<const char*>(hash.data()), length});
}

Json told(const std::string& id, const BlobPiece& piece, const Wanted& wanted) {
  Json out = {{"id", id}};
  const bool wantsText = wanted.text || wanted.either;
  const bool isText = wantsText && utf8::valid(piece.octets);
  if (wantsText && !isText) out["isEncodingProblem"] = true;
  if (isText)
    out["data:asText"] = piece.octets;
  else if (wanted.text)
    out["data:asText"] = nullptr;
  if (wanted.base64 || (wanted.either && !isText)) out["data:asBase64"] = base64::encode(piece.octets);
  for (const std::string& digest : wanted.digests) out["digest:" + digest] = digestOf(piece.octets, digest);
  if (wanted.octets() && piece.truncated) out["isTruncated"] = true;
  if (wanted.size) out["size"] = piece.size;
  return out;
}

}  // namespace

/// Blob/get (RFC 9404 4.2).
Answer blobGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  PH_TRY(const auto ids, stringsArgument(args, "ids"));
  if (!ids) return invalidArgument("ids", "must be a list of ids");
  if (ids->size() > call.limits().maxObjectsInGet) return Failure{"requestTooLarge"};
  PH_TRY(const Wanted wanted, wantedOf(args));
  BlobRange range;
  PH_TRY(const auto offset, unsignedArgument(args, "offset"));
  PH_TRY(range.length, unsignedArgument(args, "length"));
  range.offset = offset.value_or(0);
  if (!wanted.octets()) range = {0, 0};

  Json list = Json::array();
  Json notFound = Json::array();
  std::uint64_t left = kMostData;
  std::set<std::string> seen;
  for (const std::string& given : *ids) {
    if (!seen.insert(given).second) continue;
    const std::string id = call.resolve(given);
    Result<BlobPiece> piece = readBlob(call, *account, id, range, left);
    if (!piece.ok() && piece.error().code == Errc::NotFound) {
      notFound.push_back(given);
      continue;
    }
    if (!piece.ok() && piece.error().code == Errc::TooBig)
      return Failure{"requestTooLarge", piece.error().client};
    if (!piece.ok()) return piece.error();
    left -= piece->octets.size();
    list.push_back(told(id, *piece, wanted));
  }
  return Json{{"accountId", account->id}, {"list", std::move(list)}, {"notFound", std::move(notFound)}};
}

}  // namespace posthorn::mshttpd::jmap
