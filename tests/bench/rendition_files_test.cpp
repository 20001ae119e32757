#include "bench/rendition_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Result;
using ::testing::HasSubstr;

TEST(RenditionFiles, JoinsMillracesSegmentsInTheirOrder) {
  const Scripts out;
  out.put("abr/720p/init.mp4", "I");
  out.put("abr/720p/100000.m4s", "last");
  out.put("abr/720p/00002.m4s", "b");
  out.put("abr/720p/00001.m4s", "a");
  out.put("abr/720p/playlist.m3u8", "no part of it");
  const Result<RenditionFiles> files = millrace_rendition(out.folder(), "720p");
  ASSERT_TRUE(files.ok()) << files.status().message();
  EXPECT_EQ(files->media_bytes, 6);
  ASSERT_TRUE(assemble(*files, out.folder() / "whole.mp4").ok());
  EXPECT_EQ(out.read("whole.mp4"), "Iablast");
}

TEST(RenditionFiles, TakesOneStreamOfFfmpegsOutput) {
  const Scripts out;
  for (const std::string stream : {"1", "10"}) {
    out.put("init-stream" + stream + ".m4s", "I" + stream);
    out.put("chunk-stream" + stream + "-00001.m4s", "a" + stream);
    out.put("chunk-stream" + stream + "-00002.m4s", "b" + stream);
  }
  const Result<RenditionFiles> files = dash_rendition(out.folder(), 1);
  ASSERT_TRUE(files.ok()) << files.status().message();
  ASSERT_TRUE(assemble(*files, out.folder() / "whole.mp4").ok());
  EXPECT_EQ(out.read("whole.mp4"), "I1a1b1");
  EXPECT_EQ(files->media_bytes, 4);
}

TEST(RenditionFiles, SaysWhereItLooked) {
  const Scripts out;
  EXPECT_THAT(millrace_rendition(out.folder(), "720p").status().message(),
              HasSubstr("abr/720p/init.mp4: no init segment"));
  out.put("init-stream0.m4s", "I");
  EXPECT_THAT(dash_rendition(out.folder(), 0).status().message(),
              HasSubstr("init-stream0.m4s: has no media segments"));
}

TEST(RenditionFiles, APieceThatIsGoneIsNotLeftOut) {
  const Scripts out;
  const RenditionFiles files{out.put("init.mp4", "I"), {out.folder() / "gone.m4s"}, 0};
  const engine::Status status = assemble(files, out.folder() / "whole.mp4");
  EXPECT_THAT(status.message(), HasSubstr("gone.m4s: cannot be copied"));
}

}  // namespace
}  // namespace millrace::bench
