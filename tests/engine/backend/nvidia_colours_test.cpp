// Colours on an NVIDIA card, over a driver of fakes whose kernels are the reference: they are the CPU's.
#include <gmock/gmock.h>

#include "engine/backend/nvidia/colour_stage.h"
#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/nvidia/rungs.h"
#include "engine/backend/software/software_backend.h"
#include "kernels/reference.h"
#include "tests/engine/backend/nvidia_case.h"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

constexpr int kWidth = 192, kHeight = 108;

struct Tags {
  AVColorSpace matrix;
  AVColorPrimaries primaries;
  AVColorTransferCharacteristic transfer;
  AVColorRange range = AVCOL_RANGE_MPEG;
};
constexpr Tags kHdr10{AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084};
constexpr Tags kHdr10Full{AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084, AVCOL_RANGE_JPEG};
constexpr Tags kHlg{AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_ARIB_STD_B67};
constexpr Tags kWide{AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_BT2020_10};
constexpr Tags kHd{AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709};
constexpr Tags kSdFull{AVCOL_SPC_SMPTE170M, AVCOL_PRI_SMPTE170M, AVCOL_TRC_SMPTE170M, AVCOL_RANGE_JPEG};

const char* or_unknown(const char* name) { return name == nullptr ? "unknown" : name; }

VideoTrack track_of(const Tags& tags, bool ten_bit) {
  VideoTrack track;
  track.width = kWidth;
  track.height = kHeight;
  track.pixel_format = ten_bit ? "yuv420p10le" : tags.range == AVCOL_RANGE_JPEG ? "yuvj420p" : "yuv420p";
  track.bits_per_component = ten_bit ? 10 : 8;
  track.color_matrix = or_unknown(av_color_space_name(tags.matrix));
  track.color_primaries = or_unknown(av_color_primaries_name(tags.primaries));
  track.color_transfer = or_unknown(av_color_transfer_name(tags.transfer));
  track.color_range = tags.range == AVCOL_RANGE_JPEG ? "pc" : "tv";
  return track;
}

// Soft shades of many colours, from dark to bright, and an edge.
int shade(int number, int plane, int x, int y) {
  if (plane == 0) return 260 + (x * 5 + y * 2 + number * 40) % 512 / (x > kWidth / 2 ? 2 : 1);
  return 512 + static_cast<int>(70 * std::sin(plane * 2 + x * 0.06 + y * 0.09 + number));
}
Drawing in_bits(bool ten_bit) {
  return [=](int number, int plane, int x, int y) { return shade(number, plane, x, y) >> (ten_bit ? 0 : 2); };
}

void tag(AVFrame& frame, const Tags& tags) {
  frame.colorspace = tags.matrix;
  frame.color_primaries = tags.primaries;
  frame.color_trc = tags.transfer;
  frame.color_range = tags.range;
  frame.chroma_location = AVCHROMA_LOC_LEFT;
}

void say_brightest(AVFrame& frame, unsigned of_content, int of_display) {
  if (of_content > 0) av_content_light_metadata_create_side_data(&frame)->MaxCLL = of_content;
  if (of_display == 0) return;
  AVMasteringDisplayMetadata* display = av_mastering_display_metadata_create_side_data(&frame);
  display->has_luminance = 1;
  display->max_luminance = {of_display, 1};
  display->min_luminance = {0, 1};
}

struct Row {
  const char* name;
  Tags tags;
  bool ten_bit;
  bool keep_hdr;
  double luma, chroma;  // least decibels: two or three below what was measured with FFmpeg 5.1
  unsigned of_content = 0;
  int of_display = 0;
};

class Colours : public OnTheFake {
 protected:
  Plan plan_for(const Row& row) {
    Plan plan = plan_of({{kWidth, kHeight, row.keep_hdr}});
    plan.source.video[0] = track_of(row.tags, row.ten_bit);
    const auto steps = normalise(plan.source.video[0], row.keep_hdr);
    EXPECT_TRUE(steps.ok());
    plan.normalisations = steps->steps;
    return plan;
  }
  std::vector<FramePtr> pictures(const Row& row, bool there) {
    std::vector<FramePtr> made;
    for (int number = 0; number < 2; ++number) {
      FramePtr frame = drawn(in_bits(row.ten_bit), number, kWidth, kHeight, row.ten_bit);
      tag(*frame, row.tags);
      say_brightest(*frame, row.of_content, row.of_display);
      made.push_back(there ? on_card(*frame) : std::move(frame));
    }
    return made;
  }
};

// zscale shapes its noise where bits are left out and takes chroma between its samples; the kernels round,
// and take the chroma of four pixels for one. Both have the same curves.
TEST_F(Colours, AreAsTheCpuMakesThem) {
  const Row rows[] = {
      {"HDR10", kHdr10, true, false, 47, 41},  // parts of it are brighter than its peak
      {"HDR10 of a bright film", kHdr10, true, false, 47, 42, 4000, 1000},
      {"HDR10 of a bright display", kHdr10, true, false, 47, 42, 0, 4000},
      {"HLG", kHlg, true, false, 51, 46},
      {"HLG in 8 bits", kHlg, false, false, 51, 45},
      {"BT.2020 in 10 bits", kWide, true, false, 53, 52},
      {"10 bits", kHd, true, false, 55, 54},
      {"full range of BT.601", kSdFull, false, false, 53, 54},
      {"HDR10 kept, of full range", kHdr10Full, true, true, 68, 66},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Plan plan = plan_for(row);
    CollectingSink here, there;
    const auto cpu = make_software_backend();
    Status status = filter(*cpu, plan, pictures(row, false), here);
    ASSERT_TRUE(status.ok()) << to_string(status);
    ASSERT_TRUE(open().ok());
    {
      const auto card = make_nvidia_backend(std::move(device_));
      status = filter(*card, plan, pictures(row, true), there);
      ASSERT_TRUE(status.ok()) << to_string(status);
      EXPECT_EQ(there.pts, here.pts);
      for (std::size_t i = 0; i < 2; ++i) {
        const AVFrame &one = *there.frames.at(i), &other = *here.frames.at(i);
        ASSERT_EQ(one.format, other.format);
        EXPECT_EQ(one.colorspace, other.colorspace);
        EXPECT_EQ(one.color_primaries, other.color_primaries);
        EXPECT_EQ(one.color_trc, other.color_trc);
        EXPECT_EQ(one.color_range, other.color_range);
        EXPECT_EQ(one.chroma_location, other.chroma_location);
        EXPECT_GE(decibels(one, other, 0), row.luma) << "picture " << i;
        EXPECT_GE(decibels(one, other, 1), row.chroma) << "picture " << i;
        EXPECT_GE(decibels(one, other, 2), row.chroma) << "picture " << i;
      }
      there.frames.clear();
    }
    expect_all_closed();
  }
}

TEST_F(Colours, AreExactlyTheKernels) {
  ASSERT_TRUE(open().ok());
  const Row row{"", kHdr10, true, false, 0, 0};
  CollectingSink out;
  {
    ColourStage stage(*device_, ColourChange::bt709, out);
    for (FramePtr& frame : pictures(row, true)) ASSERT_TRUE(stage.push(std::move(frame)).ok());
    ASSERT_TRUE(stage.finish().ok());
    EXPECT_TRUE(out.finished);
    EXPECT_EQ(fake_.launches, 2);
    for (int number = 0; number < 2; ++number) {
      const AVFrame& got = *out.frames[static_cast<std::size_t>(number)];
      EXPECT_EQ(got.pts, number * 3'600);
      const FramePtr from = std::move(pictures(row, true)[static_cast<std::size_t>(number)]);
      const FramePtr wanted = decoded(0, kWidth, kHeight, AV_PIX_FMT_P010LE);
      using namespace kernels;
      const ColourMap map = make_colour_map({Matrix::bt2020, Primaries::bt2020, Transfer::pq, Range::limited},
                                            10, Colour{}, 10, {1000, 100, ToneCurve::hable});
      ReferenceKernels().convert({source_surface(*from, AV_PIX_FMT_P010LE).value(),
                                  source_surface(*wanted, AV_PIX_FMT_P010LE).value(), map});
      for (int plane = 0; plane < 2; ++plane)
        for (int y = 0; y < kHeight >> plane; ++y)
          ASSERT_EQ(std::memcmp(got.data[plane] + y * got.linesize[plane],
                                wanted->data[plane] + y * wanted->linesize[plane], 2 * kWidth),
                    0)
              << "plane " << plane << " row " << y;
    }
    // What was let go is used again.
    const int pictures_there = fake_.memory;
    out.frames.clear();
    for (FramePtr& frame : pictures(row, true)) ASSERT_TRUE(stage.push(std::move(frame)).ok());
    EXPECT_EQ(fake_.memory, pictures_there);
    out.frames.clear();
  }
  device_.reset();
  expect_all_closed();
}

TEST_F(Colours, ThatAreAsAskedAreNotTouched) {
  ASSERT_TRUE(open().ok());
  for (const ColourChange change : {ColourChange::range, ColourChange::bt709}) {
    CollectingSink out;
    ColourStage stage(*device_, change, out);
    FramePtr frame = std::move(pictures({"", kHd, true, false, 0, 0}, true)[0]);
    const std::uint8_t* samples = frame->data[0];
    ASSERT_TRUE(stage.push(std::move(frame)).ok());
    EXPECT_EQ(out.frames.at(0)->data[0], samples);
  }
  EXPECT_EQ(fake_.launches, 0);
  // A plan of 8-bit BT.709 has no such stage at all.
  const auto card = make_nvidia_backend(std::move(device_));
  CollectingSink out;
  const auto normaliser = card->make_normaliser(plan_for({"", kHd, false, false, 0, 0}), out);
  ASSERT_TRUE(normaliser.ok());
  EXPECT_EQ(*normaliser, nullptr);
}

TEST_F(Colours, OfNoKnownKindAndADriverThatFailsAreTheFiltersFailure) {
  const struct {
    AVColorTransferCharacteristic transfer;
    const char* fails;
    kernels::CudaResult error;
    Code code;
    const char* why;
  } rows[] = {
      {AVCOL_TRC_LINEAR, "", 0, Code::unsupported, "no kernel converts pictures in bt2020nc/bt2020/linear"},
      {AVCOL_TRC_SMPTE2084, "MemAlloc", 2, Code::resource_exhausted, "cuMemAlloc of a picture"},
      {AVCOL_TRC_SMPTE2084, "LaunchKernel", 700, Code::device_lost,
       "millrace_convert_10_10 was not launched"},
  };
  for (const auto& row : rows) {
    fake_.fails.clear();
    ASSERT_TRUE(open().ok());
    if (row.error != 0) fake_.fails = {{row.fails, row.error}};
    CollectingSink out;
    ColourStage stage(*device_, ColourChange::bt709, out);
    FramePtr frame = std::move(pictures({"", kHdr10, true, false, 0, 0}, true)[0]);
    frame->color_trc = row.transfer;
    const Status status = stage.push(std::move(frame));
    EXPECT_EQ(status.code(), row.code) << status.message();
    EXPECT_EQ(blamed_stage(status), Stage::filters);
    EXPECT_THAT(status.message(), HasSubstr("filters on cuda:0: "));
    EXPECT_THAT(status.message(), HasSubstr(row.why));
    EXPECT_TRUE(out.frames.empty());
  }
}

}  // namespace
}  // namespace millrace::engine
