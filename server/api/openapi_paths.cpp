#include <nlohmann/json.hpp>

#include "server/api/openapi.h"

namespace millrace::server {
namespace {

constexpr char kPaths[] = R"json({
"/": {"get": {"summary": "A page that says what this is", "operationId": "page", "security": [],
  "responses": {"200": {"description": "The page", "content": {"text/html": {}}}}}},
"/healthz": {"get": {"summary": "Whether the process answers", "operationId": "healthz", "security": [],
  "responses": {"200": {"description": "It does", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}}}}},
"/readyz": {"get": {"summary": "Whether new work can be taken", "operationId": "readyz", "security": [],
  "responses": {
    "200": {"description": "It can", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}},
    "503": {"$ref": "#/components/responses/Busy"}}}},
"/metrics": {"get": {"summary": "What operators watch, as Prometheus scrapes it", "operationId": "metrics",
  "responses": {"200": {"description": "Text exposition format 0.0.4", "content": {"text/plain": {"schema": {"type": "string"}}}},
    "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"}}}},
"/v1/openapi.json": {"get": {"summary": "This document", "operationId": "openapi",
  "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}}, "401": {"$ref": "#/components/responses/Unauthorized"}}}},
"/v1/jobs": {
  "post": {"summary": "Submit a job, or plan it with dry_run", "operationId": "submitJob",
    "parameters": [
      {"name": "dry_run", "in": "query", "schema": {"enum": ["true", "1", "false", "0"]}, "description": "true: answer the plan, run nothing"},
      {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255},
       "description": "Within 24 hours the same key and body give the job made before"}],
    "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobSpec"}}}},
    "responses": {
      "200": {"description": "The plan of a dry run; or the job that an earlier request with this key made, then with Idempotent-Replayed",
        "headers": {"Idempotent-Replayed": {"schema": {"type": "string"}}, "Location": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"anyOf": [{"$ref": "#/components/schemas/Job"}, {"type": "object"}]}}}},
      "201": {"description": "Queued", "headers": {"Location": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}},
      "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"},
      "409": {"$ref": "#/components/responses/Conflict"}, "413": {"$ref": "#/components/responses/TooLarge"},
      "415": {"$ref": "#/components/responses/NotJson"}, "422": {"$ref": "#/components/responses/Refused"},
      "503": {"$ref": "#/components/responses/Busy"}}},
  "get": {"summary": "Jobs, newest first", "operationId": "listJobs",
    "parameters": [
      {"name": "state", "in": "query", "schema": {"$ref": "#/components/schemas/JobState"}},
      {"name": "tag", "in": "query", "schema": {"type": "string", "pattern": "="}, "description": "key=value"},
      {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}},
      {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "`next` of the page before"}],
    "responses": {
      "200": {"description": "A page", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobPage"}}}},
      "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"}}}},
"/v1/jobs/cancel": {"post": {"summary": "Cancel several jobs", "operationId": "cancelJobs",
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false,
    "required": ["ids"], "properties": {"ids": {"type": "array", "maxItems": 1000, "items": {"type": "string"}}}}}}},
  "responses": {
    "200": {"description": "What became of each", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CancelResults"}}}},
    "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "415": {"$ref": "#/components/responses/NotJson"}, "422": {"$ref": "#/components/responses/Refused"}}}},
"/v1/jobs/{id}": {
  "parameters": [{"$ref": "#/components/parameters/id"}],
  "get": {"summary": "A job in full", "operationId": "getJob", "responses": {
    "200": {"$ref": "#/components/responses/Job"}, "400": {"$ref": "#/components/responses/BadRequest"},
    "401": {"$ref": "#/components/responses/Unauthorized"}, "404": {"$ref": "#/components/responses/NotFound"}}},
  "delete": {"summary": "Remove a finished job and its files", "operationId": "deleteJob", "responses": {
    "204": {"description": "Gone"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "404": {"$ref": "#/components/responses/NotFound"}, "409": {"$ref": "#/components/responses/Conflict"}}}},
"/v1/jobs/{id}/cancel": {"parameters": [{"$ref": "#/components/parameters/id"}],
  "post": {"summary": "Cancel a job", "operationId": "cancelJob", "responses": {
    "200": {"$ref": "#/components/responses/Job"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "404": {"$ref": "#/components/responses/NotFound"}, "409": {"$ref": "#/components/responses/Conflict"}}}},
"/v1/jobs/{id}/outputs/{name}/cancel": {"parameters": [{"$ref": "#/components/parameters/id"},
    {"name": "name", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Of the output, as in the spec"}],
  "post": {"summary": "Cancel one output of a job; the others go on", "operationId": "cancelOutput", "responses": {
    "200": {"$ref": "#/components/responses/Job"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "404": {"$ref": "#/components/responses/NotFound"}, "409": {"$ref": "#/components/responses/Conflict"}}}},
"/v1/jobs/{id}/retry": {"parameters": [{"$ref": "#/components/parameters/id"}],
  "post": {"summary": "Queue a failed or cancelled job again", "operationId": "retryJob", "responses": {
    "200": {"$ref": "#/components/responses/Job"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "404": {"$ref": "#/components/responses/NotFound"}, "409": {"$ref": "#/components/responses/Conflict"}}}},
"/v1/jobs/{id}/pause": {"parameters": [{"$ref": "#/components/parameters/id"}],
  "post": {"summary": "Stop a job at the next segment's edge", "operationId": "pauseJob", "responses": {
    "200": {"$ref": "#/components/responses/Job"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "404": {"$ref": "#/components/responses/NotFound"}, "409": {"$ref": "#/components/responses/Conflict"}}}},
"/v1/jobs/{id}/resume": {"parameters": [{"$ref": "#/components/parameters/id"}],
  "post": {"summary": "Queue a paused job again", "operationId": "resumeJob", "responses": {
    "200": {"$ref": "#/components/responses/Job"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "404": {"$ref": "#/components/responses/NotFound"}, "409": {"$ref": "#/components/responses/Conflict"}}}},
"/v1/jobs/{id}/events": {"parameters": [{"$ref": "#/components/parameters/id"}],
  "get": {"summary": "What happens to a job; ends after its final event", "operationId": "jobEvents",
    "parameters": [{"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/lastEventId"}],
    "responses": {"200": {"$ref": "#/components/responses/Events"},
      "204": {"description": "The job is final and all its events were seen: do not connect again"},
      "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"},
      "404": {"$ref": "#/components/responses/NotFound"}}}},
"/v1/events": {"get": {"summary": "What happens to all jobs", "operationId": "events",
  "parameters": [{"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/lastEventId"}],
  "responses": {"200": {"$ref": "#/components/responses/Events"}, "400": {"$ref": "#/components/responses/BadRequest"},
    "401": {"$ref": "#/components/responses/Unauthorized"}}}},
"/v1/jobs/{id}/files/{path}": {
  "parameters": [{"$ref": "#/components/parameters/id"},
    {"name": "path", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Inside the job's folder; may hold slashes: abr/master.m3u8"}],
  "get": {"summary": "A file of a job, whole segments of a running one included", "operationId": "getFile",
    "parameters": [
      {"name": "Range", "in": "header", "schema": {"type": "string"}, "description": "One range of bytes"},
      {"name": "If-Range", "in": "header", "schema": {"type": "string"}},
      {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
      {"name": "If-Modified-Since", "in": "header", "schema": {"type": "string"}}],
    "responses": {"200": {"description": "The file", "headers": {"ETag": {"schema": {"type": "string"}}}, "content": {"*/*": {}}},
      "206": {"description": "The range", "headers": {"Content-Range": {"schema": {"type": "string"}}}, "content": {"*/*": {}}},
      "304": {"description": "The client's copy is good"}, "401": {"$ref": "#/components/responses/Unauthorized"},
      "404": {"$ref": "#/components/responses/NotFound"},
      "416": {"description": "Nothing of the file lies in the range", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}}}},
"/v1/inspect": {"post": {"summary": "What a source is", "operationId": "inspect",
  "requestBody": {"required": true, "content": {"application/json": {"schema":
    {"oneOf": [{"$ref": "#/components/schemas/UrlInput"}, {"$ref": "#/components/schemas/SlidesInput"}]}}}},
  "responses": {"200": {"description": "Container, tracks, size, rate, colour, rotation, duration", "content": {"application/json": {"schema": {"type": "object"}}}},
    "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"},
    "415": {"$ref": "#/components/responses/NotJson"}, "422": {"$ref": "#/components/responses/Refused"},
    "503": {"$ref": "#/components/responses/Busy"}}}},
"/v1/backups": {"post": {"summary": "Copy the store while it is in use; millrace store restore puts such a copy back", "operationId": "backUp",
  "responses": {"201": {"description": "The copy, in the backups folder of the server's data folder", "content": {"application/json": {"schema": {"type": "object",
      "required": ["backup", "made", "bytes"], "properties": {"backup": {"type": "integer"}, "made": {"type": "string", "format": "date-time"}, "bytes": {"type": "integer"}}}}}},
    "401": {"$ref": "#/components/responses/Unauthorized"}, "503": {"$ref": "#/components/responses/Busy"}}}},
"/v1/capacity": {"get": {"summary": "How many streams that keep pace with their media this machine carries", "operationId": "capacity",
  "parameters": [{"name": "profile", "in": "query", "schema": {"type": "string"}, "description": "A profile's name; absent: all profiles"}],
  "responses": {
    "200": {"description": "Slots, those that are free, what binds them and when the next is free", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Capacity"}}}},
    "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"}}}},
"/v1/hardware": {"get": {"summary": "What this machine has, and what it lacks", "operationId": "hardware",
  "responses": {"200": {"description": "The inventory", "content": {"application/json": {"schema": {"type": "object"}}}},
    "401": {"$ref": "#/components/responses/Unauthorized"}}}}
})json";

}  // namespace

nlohmann::ordered_json openapi_paths() { return nlohmann::ordered_json::parse(kPaths); }

}  // namespace millrace::server
