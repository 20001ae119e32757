// TokenBook knows the bearer tokens that open this server. Only digests are kept. Safe to call from any
// thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/store/store.h"

namespace millrace::server {

class TokenBook {
 public:
  // Reads the digests from the store: family "tokens", key the token's SHA-256, value JSON {"name",
  // "created"}. `store` must outlive the book.
  static engine::Result<std::unique_ptr<TokenBook>> open(engine::Store& store);

  // At the first start, when no token exists: makes one, accepts it and gives it; nobody can read it again.
  // Nothing when there are tokens.
  std::optional<std::string> make_first();
  // Stores the digest of the first token, once somebody has seen the token.
  engine::Status keep_first();

  // `authorization` is the header's value. The time this takes does not tell how much of a token was right.
  bool accepts(std::string_view authorization) const;

 private:
  explicit TokenBook(engine::Store& store) : store_(store) {}

  engine::Store& store_;
  mutable std::mutex mutex_;
  std::vector<std::string> digests_;
  std::string not_kept_;  // the digest of a first token
};

// The token of "Bearer TOKEN" (RFC 6750 §2.1), the scheme in any case; empty when there is none.
std::string_view bearer_token(std::string_view authorization);

}  // namespace millrace::server
