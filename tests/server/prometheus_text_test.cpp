#include "server/telemetry/prometheus_text.h"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

using engine::Metric;

TEST(PrometheusText, HasTheMetricAndALineForEachSample) {
  const Metric counter{"a_total",
                       Metric::Kind::counter,
                       "What a counts.",
                       {{{{"device", "cuda:0"}, {"stage", "decode"}}, 3}, {{}, 1.5}}};
  const Metric gauge{"b", Metric::Kind::gauge, "Nothing yet."};
  EXPECT_EQ(prometheus_text({counter, gauge}),
            "# HELP a_total What a counts.\n"
            "# TYPE a_total counter\n"
            "a_total{device=\"cuda:0\",stage=\"decode\"} 3\n"
            "a_total 1.5\n"
            "# HELP b Nothing yet.\n"
            "# TYPE b gauge\n");
}

TEST(PrometheusText, ALabelMayBeAnything) {
  const Metric metric{
      "a", Metric::Kind::gauge, "A \\ \"line\"\nmore", {{{{"name", "a \"card\" \\ of\ntwo lines \xff"}}, 1}}};
  EXPECT_EQ(prometheus_text({metric}),
            "# HELP a A \\\\ \"line\"\\nmore\n"
            "# TYPE a gauge\n"
            "a{name=\"a \\\"card\\\" \\\\ of\\ntwo lines \uFFFD\"} 1\n");
}

}  // namespace
}  // namespace millrace::server
