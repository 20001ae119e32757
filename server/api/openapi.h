// The OpenAPI document of everything that this server answers, the edge's own routes included.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace millrace::server {

nlohmann::ordered_json openapi_document();

// Its parts, as they are written: openapi_paths.cpp, openapi_schemas.cpp, openapi_spec.cpp.
nlohmann::ordered_json openapi_paths();
nlohmann::ordered_json openapi_components();    // without
nlohmann::ordered_json openapi_spec_schemas();  // the schemas of a job's spec

}  // namespace millrace::server
