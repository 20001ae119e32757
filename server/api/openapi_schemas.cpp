#include <nlohmann/json.hpp>

#include "server/api/openapi.h"

namespace millrace::server {
namespace {

constexpr char kComponents[] = R"json({
"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
"parameters": {
  "id": {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}, "description": "A job's id, a ULID"},
  "after": {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0},
    "description": "Begin after this event; 0 replays all. Last-Event-ID goes before it. With neither, a job's stream begins at the job's beginning and the stream of all jobs now"},
  "lastEventId": {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer", "minimum": 0}}},
"responses": {
  "Job": {"description": "The job", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}},
  "Events": {"description": "Server-sent events: id is the event's number, event its type, data a JSON object with job_id and what the event tells. Comments keep the connection alive",
    "content": {"text/event-stream": {}}},
  "BadRequest": {"description": "The request cannot be read, or a query parameter is not known", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "Unauthorized": {"description": "No token, or one that is not known", "headers": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "NotFound": {"description": "No such job or file", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "Conflict": {"description": "The job's state forbids it, or the idempotency key stands for another body", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "TooLarge": {"description": "The body is larger than 1 MiB", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "NotJson": {"description": "The body's Content-Type is not JSON", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "Refused": {"description": "What was asked for makes no sense or cannot be done; field names the part", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
  "Busy": {"description": "No room now", "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
"schemas": {
  "JobState": {"enum": ["queued", "running", "paused", "completed", "failed", "cancelled"]},
  "Health": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}, "version": {"type": "string"}}},
  "Resources": {"type": "object", "description": "Thousandths of cores and engines, bytes of memory", "properties": {
    "millicores": {"type": "integer"}, "memory_bytes": {"type": "integer"}, "gpu_decode": {"type": "integer"},
    "gpu_encode": {"type": "integer"}, "gpu_compute": {"type": "integer"}, "gpu_memory_bytes": {"type": "integer"}}},
  "Capacity": {"type": "object", "required": ["profiles"], "properties": {
    "budget": {"$ref": "#/components/schemas/Resources"},
    "in_use": {"$ref": "#/components/schemas/Resources", "description": "Memory by all jobs; cores by those that keep pace, since others make room at their next segment's edge"},
    "profiles": {"type": "array", "items": {"type": "object", "required": ["profile", "slots"], "properties": {
      "profile": {"type": "string"}, "text": {"type": "string"}, "demand": {"$ref": "#/components/schemas/Resources"},
      "disk_bytes_per_second": {"type": "integer"}, "slots": {"type": "integer"}, "limited_by": {"type": "string"},
      "free_slots": {"type": "integer"}, "free_limited_by": {"type": "string"},
      "next_free_seconds": {"type": ["number", "null"], "description": "0: one is free; null: not known"},
      "reason": {"type": "string", "description": "Why this machine cannot run it"}}}},
    "calibration": {"type": "object", "properties": {
      "measured": {"type": ["integer", "null"], "description": "Milliseconds since 1970 UTC; null: the reference machine's figures are used"},
      "learned_runs": {"type": "integer"}, "note": {"type": "string"}, "factors": {"type": "object"}}}}},
  "Problem": {"type": "object", "required": ["type", "title", "status", "detail"], "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
    "field": {"type": "string"}, "instance": {"type": "string"}}},
  "Job": {"type": "object", "required": ["id", "state"], "properties": {
    "id": {"type": "string"}, "state": {"$ref": "#/components/schemas/JobState"}, "priority": {"type": "integer"},
    "created": {"type": ["string", "null"], "format": "date-time"}, "started": {"type": ["string", "null"], "format": "date-time"},
    "finished": {"type": ["string", "null"], "format": "date-time"},
    "waiting_for": {"type": ["string", "null"], "description": "Why a paused job waits, where it goes on by itself: no room on the disk, or no memory"},
    "cancelled_outputs": {"type": "array", "items": {"type": "string"}},
    "progress": {"type": "object", "properties": {"phase": {"enum": ["checking", "fetching", "processing", "packaging", "publishing"]},
      "done": {"type": "number"}, "speed": {"type": ["number", "null"]}, "eta_seconds": {"type": ["number", "null"]}}},
    "attempts": {"type": "array", "items": {"type": "object", "properties": {
      "started": {"type": ["string", "null"], "format": "date-time"}, "ended": {"type": ["string", "null"], "format": "date-time"},
      "outcome": {"type": "string"}, "retries": {"type": "array", "items": {"type": "object", "properties": {
        "at": {"type": "string", "format": "date-time"}, "task": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"},
        "wait_seconds": {"type": "number"}, "step_down": {"type": "string"},
        "stage": {"enum": ["", "decode", "filters", "encode"], "description": "That failed on its device, where one did"}}}}}}},
    "error": {"type": ["object", "null"], "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}}},
  "JobPage": {"type": "object", "required": ["jobs", "next"], "properties": {
    "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}, "next": {"type": ["string", "null"]}}},
  "CancelResults": {"type": "object", "required": ["results"], "properties": {"results": {"type": "array", "items": {
    "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "state": {"$ref": "#/components/schemas/JobState"},
      "error": {"$ref": "#/components/schemas/Problem"}}}}}}}
})json";

}  // namespace

nlohmann::ordered_json openapi_components() { return nlohmann::ordered_json::parse(kComponents); }

}  // namespace millrace::server
