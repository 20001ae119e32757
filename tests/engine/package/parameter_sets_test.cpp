#include "engine/package/parameter_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/package/segment_reader.h"
#include "tests/engine/package/cmaf_files.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A box whose bytes belong to it.
struct Box {
  Box(AVCodecID codec, std::string bytes) : content(std::move(bytes)) {
    parameters.codec_id = codec;
    parameters.extradata = reinterpret_cast<std::uint8_t*>(content.data());
    parameters.extradata_size = static_cast<int>(content.size());
  }
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;
  std::string content;
  AVCodecParameters parameters{};
};

std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (const int each : numbers) text += static_cast<char>(each);
  return text;
}

// One SPS of two bytes and two PPS; lengths of samples have two bytes.
Box avcc() {
  return {AV_CODEC_ID_H264, bytes({1, 0x64, 0, 0x1f, 0xfd, 0xe1, 0, 2, 0x67, 7, 2, 0, 1, 0x68, 0, 1, 0x69})};
}
// An array of VPS, one of SPS, both said to be complete.
Box hvcc() {
  std::string box(22, '\0');
  box[0] = 1;
  box[21] = 3;
  return {AV_CODEC_ID_HEVC, box + bytes({2, 0xa0, 0, 1, 0, 2, 0x40, 1, 0xa1, 0, 1, 0, 2, 0x42, 1})};
}

TEST(ParameterSets, ComeOutOfTheConfigurationInItsOrder) {
  const Box avc = avcc();
  EXPECT_THAT(*parameter_sets(avc.parameters), ElementsAre(bytes({0x67, 7}), bytes({0x68}), bytes({0x69})));
  EXPECT_EQ(*stored_parameter_sets(avc.parameters), bytes({0, 2, 0x67, 7, 0, 1, 0x68, 0, 1, 0x69}));
  const Box hevc = hvcc();
  EXPECT_THAT(*parameter_sets(hevc.parameters), ElementsAre(bytes({0x40, 1}), bytes({0x42, 1})));
  EXPECT_EQ(*stored_parameter_sets(hevc.parameters), bytes({0, 0, 0, 2, 0x40, 1, 0, 0, 0, 2, 0x42, 1}));
}

TEST(ParameterSets, OtherCodecsHaveNone) {
  const Box av1(AV_CODEC_ID_AV1, bytes({0x81, 0, 12, 0}));
  EXPECT_THAT(*parameter_sets(av1.parameters), IsEmpty());
  EXPECT_EQ(*stored_parameter_sets(av1.parameters), "");
  EXPECT_FALSE(holds_parameter_sets(av1.parameters, bytes({0, 0, 0, 2, 0x67, 7})));
  EXPECT_EQ(open_configuration(av1.parameters), av1.content);
}

TEST(ParameterSets, ABoxThatIsCutShortIsRefusedWhereverItIsCut) {
  for (const Box& whole : {avcc(), hvcc()})
    for (std::size_t size = 0; size < whole.content.size(); ++size) {
      const Box cut(whole.parameters.codec_id, whole.content.substr(0, size));
      EXPECT_EQ(parameter_sets(cut.parameters).status().code(), Code::internal) << size;
      EXPECT_EQ(open_configuration(cut.parameters), cut.content);
    }
}

TEST(ParameterSets, AreFoundInSamples) {
  const Box avc = avcc();
  const std::string idr = bytes({0, 2, 0x65, 1});
  EXPECT_FALSE(holds_parameter_sets(avc.parameters, idr));
  EXPECT_TRUE(holds_parameter_sets(avc.parameters, *stored_parameter_sets(avc.parameters) + idr));
  EXPECT_FALSE(holds_parameter_sets(avc.parameters, bytes({0, 9, 0x67}))) << "damage";
  const Box hevc = hvcc();
  EXPECT_TRUE(holds_parameter_sets(hevc.parameters, *stored_parameter_sets(hevc.parameters)));
  EXPECT_FALSE(holds_parameter_sets(hevc.parameters, bytes({0, 0, 0, 2, 0x26, 1})));
}

TEST(ParameterSets, SamplesGetStartCodes) {
  const Box avc = avcc();
  EXPECT_EQ(annexb_of(avc.parameters, bytes({0, 2, 0x65, 1, 0, 1, 0x41})),
            bytes({0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0x41}));
  EXPECT_EQ(annexb_of(avc.parameters, bytes({0, 2, 0x65})), "") << "damage";
}

TEST(ParameterSets, NoArrayOfAnOpenConfigurationIsComplete) {
  const Box hevc = hvcc();
  const Box open(AV_CODEC_ID_HEVC, open_configuration(hevc.parameters));
  EXPECT_EQ(open.content.size(), hevc.content.size());
  EXPECT_EQ(open.content[23], 0x20);
  EXPECT_EQ(open.content[30], 0x21);
  EXPECT_EQ(*parameter_sets(open.parameters), *parameter_sets(hevc.parameters));
  const Box avc = avcc();
  EXPECT_EQ(open_configuration(avc.parameters), avc.content);
}

TEST(ParameterSets, OfARealEncoderAreAnSpsAndAPps) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 30}));
  const Result<SegmentReader> reader = SegmentReader::open(files.init);
  ASSERT_TRUE(reader.ok());
  const auto sets = parameter_sets(reader->parameters());
  ASSERT_TRUE(sets.ok()) << to_string(sets.status());
  ASSERT_EQ(sets->size(), 2U);
  EXPECT_EQ(sets->at(0).front() & 31, 7);
  EXPECT_EQ(sets->at(1).front() & 31, 8);
}

}  // namespace
}  // namespace millrace::engine
