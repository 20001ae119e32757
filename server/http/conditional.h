// Entity tags and dates, and the questions that requests ask with them: RFC 9110 §8.8, §13. Pure.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::server {

// What identifies a file's content for caches.
struct Validators {
  std::string etag;  // with its quotes, strong
  std::time_t modified = 0;
};

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::time_t time);
// That form only; the two obsolete ones are read as nothing.
std::optional<std::time_t> parse_http_date(std::string_view text);

// Whether the client's copy is still good (304). If-None-Match, compared weakly, goes before
// If-Modified-Since.
bool is_not_modified(std::string_view if_none_match, std::string_view if_modified_since,
                     const Validators& now);

// Whether a Range may be answered: no If-Range, or one that names exactly this content (compared strongly).
bool range_applies(std::string_view if_range, const Validators& now);

}  // namespace millrace::server
