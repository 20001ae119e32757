#include "bench/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The first closing tag that closes nothing open; empty: all tags match.
std::string first_mismatch(const std::string& page) {
  const std::set<std::string> single = {"meta", "rect", "path"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    if (page[at + 1] == '!') continue;
    const bool closes = page[at + 1] == '/';
    const std::size_t from = at + (closes ? 2 : 1);
    const std::string name = page.substr(from, page.find_first_of(" >\n/", from) - from);
    if (single.contains(name)) continue;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return name;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

TEST(ReportHtml, IsOneWholePage) {
  const std::string page = html_page(sample_report());
  EXPECT_EQ(first_mismatch(page), "");
  EXPECT_THAT(page, HasSubstr("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr("<svg"));
}

TEST(ReportHtml, NeedsNothingFromOutside) {
  const std::string page = html_page(sample_report());
  for (const char* part : {"src=", "href=", "url(", "@import", "<script", "<link"})
    EXPECT_THAT(page, Not(HasSubstr(part)));
}

TEST(ReportHtml, HoldsTargetsFiguresAndCommands) {
  LadderReport report = sample_report();
  for (RunFigures& run : report.millrace.runs) run.wall_seconds *= 2;
  report.targets = judge(report);
  const std::string page = html_page(report);
  EXPECT_THAT(page, HasSubstr("<td class=\"not-met\">not met</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"met\">met</td>"));
  EXPECT_THAT(page, HasSubstr("76.0 s</text>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"n\">0.98500</td>"));
  EXPECT_THAT(page, HasSubstr("360p</text>"));
  EXPECT_THAT(page, HasSubstr("millrace in.mp4 &#39;a &amp; b&#39; OUT"));
  EXPECT_THAT(page, HasSubstr("Test &lt;CPU&gt; &amp; Co"));
  EXPECT_THAT(page, Not(HasSubstr("<CPU>")));
}

TEST(ReportHtml, SaysWhyThereIsNoLatency) {
  LadderReport report = sample_report();
  report.latency.reset();
  report.latency_absence = "the server <died>";
  const std::string page = html_page(report);
  EXPECT_THAT(page, HasSubstr("Not measured: the server &lt;died&gt;"));
  EXPECT_EQ(first_mismatch(page), "");
}

TEST(ReportHtml, APlainPageBeginsWithItsResult) {
  const std::string page =
      html_page({"Streams", "cpu x", "figures", {}, "<h2>Plots</h2>", {"2 streams; 3 < 4"}});
  EXPECT_THAT(page, HasSubstr("<h1>Streams</h1>\n<p>2 streams; 3 &lt; 4</p>\n<h2>Targets</h2>"));
  EXPECT_EQ(first_mismatch(page), "");
}

}  // namespace
}  // namespace millrace::bench
