// Specs to be refused: one row each, and the check that they share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "engine/job/job_spec_json.h"

namespace millrace::engine {

struct Refusal {
  std::string name;
  std::string spec;
  Code code;
  std::string field;
  std::string says;
};
inline void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

constexpr Code kBad = Code::invalid_argument;
constexpr Code kNotBuilt = Code::unsupported;

inline void expect_refused(const Refusal& refusal) {
  const Result<JobSpec> spec = parse_job_spec(refusal.spec);
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(name_of(spec.status().code()), name_of(refusal.code)) << spec.status().message();
  EXPECT_EQ(spec.status().field(), refusal.field) << spec.status().message();
  EXPECT_THAT(spec.status().message(), ::testing::HasSubstr(refusal.field));
  EXPECT_THAT(spec.status().message(), ::testing::HasSubstr(refusal.says));
}

// Documents around what a row is about.
inline std::string of_outputs(const std::string& outputs, const std::string& fields = "") {
  return R"({"input": {"url": "/a.mov"}, "outputs": [)" + outputs + "]" +
         (fields.empty() ? "" : ", " + fields) + "}";
}
inline std::string output(const std::string& type, const std::string& fields) {
  return of_outputs(R"({"name": "x", "type": ")" + type + "\"" + (fields.empty() ? "" : ", " + fields) + "}");
}
inline std::string adaptive(const std::string& fields) { return output("adaptive", fields); }
inline std::string file(const std::string& fields) { return output("file", fields); }
inline std::string document(const std::string& fields) {
  return of_outputs(R"({"name": "abr", "type": "adaptive"})", fields);
}

}  // namespace millrace::engine
