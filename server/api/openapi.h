// The OpenAPI document of everything that this server answers, the edge's own routes included.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace millrace::server {

nlohmann::ordered_json openapi_document();

// Its two halves, as they are written: openapi_paths.cpp, openapi_schemas.cpp.
nlohmann::ordered_json openapi_paths();
nlohmann::ordered_json openapi_components();

}  // namespace millrace::server
