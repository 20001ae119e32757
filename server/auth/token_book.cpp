#include "server/auth/token_book.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/sha256.h"
#include "engine/job/job_json.h"

namespace millrace::server {

using engine::Result;
using engine::Status;

namespace {

constexpr char kFamily[] = "tokens";
constexpr std::size_t kTokenBytes = 24;

}  // namespace

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((authorization[i] | 0x20) != kScheme[i]) return {};
  std::string_view token = authorization.substr(kScheme.size());
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  return token;
}

Result<std::unique_ptr<TokenBook>> TokenBook::open(engine::Store& store) {
  const auto entries = store.values(kFamily);
  if (!entries.ok()) return entries.status();
  std::unique_ptr<TokenBook> book(new TokenBook(store));
  for (const auto& [digest, description] : *entries) book->digests_.push_back(digest);
  return book;
}

std::optional<std::string> TokenBook::make_first() {
  const std::lock_guard lock(mutex_);
  if (!digests_.empty()) return std::nullopt;
  const std::string token = "mr_" + engine::random_hex(kTokenBytes);
  not_kept_ = engine::sha256_of(token);
  digests_.push_back(not_kept_);
  return token;
}

Status TokenBook::keep_first() {
  const std::lock_guard lock(mutex_);
  if (not_kept_.empty()) return {};
  nlohmann::ordered_json description;
  description["name"] = "first";
  description["created"] = engine::rfc3339(engine::now_milliseconds());
  if (Status s = store_.put_value(kFamily, not_kept_, description.dump()); !s.ok()) return s;
  not_kept_.clear();
  return {};
}

bool TokenBook::accepts(std::string_view authorization) const {
  const std::string_view token = bearer_token(authorization);
  if (token.empty()) return false;
  const std::string digest = engine::sha256_of(token);
  const std::lock_guard lock(mutex_);
  bool found = false;
  for (const std::string& each : digests_) found = engine::equal_in_constant_time(each, digest) || found;
  return found;
}

}  // namespace millrace::server
