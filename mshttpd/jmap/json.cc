// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/json.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::int64_t kSafeInteger = (std::int64_t{1} << 53) - 1;

/// Builds the value and ends the parse where a limit is passed.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Open& inner = open_.back();
    if (!inner.names.insert(name).second)
      return refuse(Errc::Invalid, "the name \"" + name + "\" comes twice");
    if (inner.names.size() > limits_.members) return refuse(Errc::Limit, "an object has too many members");
    name_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return refuse(Errc::Invalid, "not JSON at octet " + std::to_string(position));
  }

  [[nodiscard]] bool refused() const { return refused_; }
  Json root;
  Error error;

 private:
  struct Open {
    Json* value;
    std::unordered_set<std::string> names;
  };

  bool refuse(Errc code, const std::string& text) {
    if (!refused_) error = Error{code, text, text};
    refused_ = true;
    return false;
  }

  Json* place(Json value) {
    if (open_.empty()) return &(root = std::move(value));
    Json& in = *open_.back().value;
    // The names are known to be different: appending saves ordered_map's search.
    if (in.is_object()) {
      auto& members = in.get_ref<Json::object_t&>();
      members.emplace_back(std::move(name_), std::move(value));
      return &members.back().second;
    }
    in.push_back(std::move(value));
    return &in.back();
  }
  bool count() {
    return ++values_ <= limits_.values || refuse(Errc::Limit, "too many values in one request");
  }
  bool put(Json value) {
    if (!count()) return false;
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (!count()) return false;
    if (open_.size() >= limits_.depth) return refuse(Errc::Limit, "values are nested too deep");
    open_.push_back({place(std::move(value)), {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits limits_;
  std::vector<Open> open_;
  std::string name_;
  std::size_t values_ = 0;
  bool refused_ = false;
};

}  // namespace

Result<Json> parseJson(View text, const JsonLimits& limits) {
  Builder builder(limits);
  const bool whole = Json::sax_parse(text.begin(), text.end(), &builder);
  if (builder.refused()) return builder.error;
  if (!whole) return makeError(Errc::Invalid, "not JSON");
  return std::move(builder.root);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as what we have parsed or made
std::size_t weightOf(const Json& value, std::size_t most) {
  std::size_t weight = sizeof(Json);
  if (const auto* text = value.get_ptr<const std::string*>()) return weight + text->size();
  if (const auto* members = value.get_ptr<const Json::object_t*>()) {
    for (const auto& [name, inner] : *members)
      if (weight <= most) weight += sizeof(std::string) + name.size() + weightOf(inner, most - weight);
  }
  if (const auto* items = value.get_ptr<const Json::array_t*>()) {
    for (const Json& inner : *items)
      if (weight <= most) weight += weightOf(inner, most - weight);
  }
  return weight;
}

std::string printJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error invalidArgument(std::string_view name, std::string_view what) {
  std::string text = std::string(name) + " " + std::string(what);
  return Error{Errc::Invalid, text, text};
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && !found->is_null() ? &*found : nullptr;
}

Result<bool> boolArgument(const Json& args, const char* name, bool fallback) {
  const Json* value = member(args, name);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) return invalidArgument(name, "must be true or false");
  return value->get<bool>();
}

Result<std::int64_t> intArgument(const Json& args, const char* name, std::int64_t fallback) {
  const Json* value = member(args, name);
  if (value == nullptr) return fallback;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(kSafeInteger))
    return invalidArgument(name, "is out of range");
  if (!value->is_number_integer()) return invalidArgument(name, "must be a whole number");
  const auto number = value->get<std::int64_t>();
  if (number > kSafeInteger || number < -kSafeInteger) return invalidArgument(name, "is out of range");
  return number;
}

Result<std::optional<std::uint64_t>> unsignedArgument(const Json& args, const char* name) {
  if (member(args, name) == nullptr) return std::optional<std::uint64_t>();
  PH_TRY(const std::int64_t number, intArgument(args, name, 0));
  if (number < 0) return invalidArgument(name, "must not be negative");
  return std::optional(static_cast<std::uint64_t>(number));
}

Result<std::optional<std::string>> stringArgument(const Json& args, const char* name) {
  const Json* value = member(args, name);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return invalidArgument(name, "must be a string");
  return std::optional(value->get<std::string>());
}

Result<std::optional<std::vector<std::string>>> stringsArgument(const Json& args, const char* name) {
  const Json* value = member(args, name);
  if (value == nullptr) return std::optional<std::vector<std::string>>();
  const bool strings = value->is_array() && std::all_of(value->begin(), value->end(),
                                                        [](const Json& item) { return item.is_string(); });
  if (!strings) return invalidArgument(name, "must be a list of strings");
  return std::optional(value->get<std::vector<std::string>>());
}

bool isId(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace posthorn::mshttpd::jmap
