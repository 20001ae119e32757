#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "engine/job/job_spec_json.h"
#include "engine/plan/planner.h"
#include "tests/engine/plan/sources.h"
#include "tests/fuzz/targets.h"

namespace millrace::test {
namespace {

template <class T>
void refuses_or_reads(const engine::Result<T>& read) {
  if (!read.ok()) require_refusal(read.status());
}

void read_short_forms(std::string_view text) {
  refuses_or_reads(engine::parse_bit_rate(text));
  refuses_or_reads(engine::parse_ladder(text));
  refuses_or_reads(engine::parse_packages(text));
  refuses_or_reads(engine::parse_video_codec(text));
  refuses_or_reads(engine::parse_device(text));
  refuses_or_reads(engine::parse_size(text));
  refuses_or_reads(engine::parse_percent(text));
  refuses_or_reads(engine::parse_trim(text));
  refuses_or_reads(engine::parse_on_damage(text));
}

}  // namespace

void fuzz_job_spec(std::string_view bytes) {
  read_short_forms(bytes);
  refuses_or_reads(engine::parse_job_input(bytes));
  const engine::Result<engine::JobSpec> spec = engine::parse_job_spec(bytes);
  if (!spec.ok()) return require_refusal(spec.status());
  const std::string written = engine::to_json(*spec).dump();
  const engine::Result<engine::JobSpec> again = engine::parse_job_spec(written);
  require(again.ok(), fmt::format("what was written out is accepted: {}", again.status().message()));
  require(engine::to_json(*again).dump() == written, "what was written out is the same spec");

  const engine::Result<engine::Plan> plan =
      engine::make_plan(engine::test::full_hd(), *spec, engine::test::without_gpu(), 2);
  if (!plan.ok()) return require_refusal(plan.status());
  const auto json = engine::to_json(*plan);
  const engine::Result<engine::Plan> carried = engine::plan_from_json(json);
  require(carried.ok(), fmt::format("a plan can be carried: {}", carried.status().message()));
  require(engine::to_json(*carried) == json, "a plan stays the same when it is carried");
}

}  // namespace millrace::test
