#include "server/api/openapi.h"

#include <nlohmann/json.hpp>

#include "engine/base/version.h"
#include "server/api/routes.h"

namespace millrace::server {

using nlohmann::ordered_json;

ordered_json openapi_document() {
  ordered_json document;
  document["openapi"] = "3.1.0";
  document["info"]["title"] = "Millrace";
  document["info"]["version"] = engine::version();
  document["info"]["description"] =
      "Hand it a video, get back a ladder ready to stream and a receipt that says it is whole. Every GET "
      "answers HEAD "
      "too. Errors are RFC 9457 problem documents.";
  document["security"] = ordered_json::array({{{"bearer", ordered_json::array()}}});
  document["paths"] = openapi_paths();
  document["components"] = openapi_components();
  document["components"]["schemas"].update(openapi_spec_schemas());
  return document;
}

void add_openapi(Routes& routes) {
  routes.push_back(
      {"GET", "/v1/openapi.json", [reply = json_reply(200, openapi_document())](const Request& request) {
         if (auto refusal = unknown_parameter(request, {})) return *refusal;
         return reply;
       }});
}

}  // namespace millrace::server
