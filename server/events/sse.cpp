#include "server/events/sse.h"
#include "engine/base/json_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace millrace::server {

std::string sse_frame(const engine::Event& event) {
  using nlohmann::ordered_json;
  const auto data = ordered_json::parse(event.data.empty() ? "{}" : event.data, nullptr, false);
  ordered_json document;
  document["job_id"] = event.job_id;
  if (data.is_object())
    document.update(data);
  else if (!data.is_discarded())
    document["value"] = data;
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.number, event.type,
                     engine::json_text(document));
}

bool ends_a_job(std::string_view type) {
  return type == "completed" || type == "failed" || type == "cancelled" || type == "deleted";
}

}  // namespace millrace::server
