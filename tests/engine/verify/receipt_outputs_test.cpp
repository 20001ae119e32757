#include "engine/verify/receipt_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/verify/receipt_json.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A job of outputs that are made alone. Its files hold text: a receipt goes by what the worker booked.
class ReceiptOutputsTest : public testing::Test {
 protected:
  ReceiptOutputsTest() {
    plan.source.video.resize(1);
    plan.source.video[0].codec = "h264";
    plan.source.chosen_video = 0;
    plan.source.audio.resize(2);
    plan.source.audio[1].codec = "ac3";
    plan.source.audio[1].channels = 6;
  }
  PlannedOutput& add(const std::string& name, PlannedOutput::Type type, const std::string& path) {
    PlannedOutput output;
    output.name = name;
    output.type = type;
    output.path = path;
    plan.outputs.push_back(output);
    return plan.outputs.back();
  }
  FinishedSegment& book(const std::string& track, const std::string& file, std::int64_t frames) {
    EXPECT_TRUE(make_directories((folder / file).parent_path()).ok());
    EXPECT_TRUE(write_file(folder / file, "content of " + file).ok());
    FinishedSegment booked;
    booked.track = track;
    booked.file = file;
    for (const FinishedSegment& each : segments) booked.index += each.track == track ? 1 : 0;
    booked.frames = booked.frames_in = frames;
    booked.bytes = static_cast<std::int64_t>(11 + file.size());
    booked.sha256 = sha256_of("content of " + file);
    segments.push_back(booked);
    return segments.back();
  }
  // What the receipt says of the first output.
  nlohmann::ordered_json output() const {
    const auto receipt = make_receipt(folder.path(), plan, segments, {}, lost);
    EXPECT_TRUE(receipt.ok()) << to_string(receipt.status());
    if (!receipt.ok()) return {};
    EXPECT_TRUE(write_file(folder / "receipt.json", receipt->dump()).ok());
    return (*receipt)["outputs"][0];
  }
  std::vector<std::string> faults() const {
    std::vector<std::string> details;
    const auto checks = verify_folder(folder.path(), false);
    EXPECT_TRUE(checks.ok()) << to_string(checks.status());
    for (const Check& each : *checks)
      if (!each.holds) details.push_back(each.detail);
    return details;
  }

  const test::TempFolder folder;
  Plan plan;
  Segments segments;
  Losses lost;
};

TEST_F(ReceiptOutputsTest, SayEachStillAndFindAnExtraOne) {
  PlannedStills& stills = add("stills", PlannedOutput::Type::thumbnails, "stills").stills;
  stills.at = {1.5, 10};
  stills.width = 320;
  stills.height = 180;
  book("stills", "stills/0001.jpg", 1).start = 135'000;
  FinishedSegment& last = book("stills", "stills/0002.jpg", 1);
  last.start = last.last_pts = 900'000;
  const auto json = output();
  EXPECT_EQ(json["type"], "thumbnails");
  EXPECT_EQ(json["frames_out"], 2);
  EXPECT_EQ(json["width"], 320);
  EXPECT_EQ(json["format"], "jpg");
  EXPECT_EQ(json["first_pts"], 135'000);
  EXPECT_EQ(json["last_pts"], 900'000);
  EXPECT_EQ(json["decode_check"], true);
  ASSERT_THAT(json["files"], SizeIs(2));
  EXPECT_EQ(json["files"][0]["path"], "stills/0001.jpg");
  EXPECT_EQ(json["files"][0]["start"], 135'000);
  EXPECT_EQ(json["files"][0]["sha256"], *sha256_of_file(folder / "stills/0001.jpg"));
  EXPECT_FALSE(json.contains("renditions"));
  EXPECT_THAT(faults(), IsEmpty());
  ASSERT_TRUE(write_file(folder / "stills/0003.jpg", "x").ok());
  ASSERT_TRUE(write_file(folder / "stills/0001.jpg", "y").ok());
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("stills/0001.jpg has 1 bytes"),
                                    HasSubstr("stills/0003.jpg is not in the receipt")));
}

TEST_F(ReceiptOutputsTest, IsNotMadeOverAStillThatNobodyBooked) {
  add("stills", PlannedOutput::Type::thumbnails, "stills").stills.every = 5;
  book("stills", "stills/0001.jpg", 1);
  ASSERT_TRUE(write_file(folder / "stills/0002.jpg", "x").ok());
  EXPECT_THAT(make_receipt(folder.path(), plan, segments, {}, {}).status().message(),
              HasSubstr("stills/0002.jpg belongs to nothing that was made"));
}

TEST_F(ReceiptOutputsTest, ASheetsTextIsNoPicture) {
  add("scrub", PlannedOutput::Type::sprites, "scrub.jpg");
  book("scrub.jpg", "scrub.jpg", 12);
  book("scrub.jpg", "scrub.vtt", 12);
  const auto json = output();
  EXPECT_EQ(json["frames_out"], 12);
  EXPECT_EQ(json["bytes"], 20 + 20);
  EXPECT_THAT(json["files"], SizeIs(2));
  const auto content = receipt_content_from(*read_file(folder / "receipt.json"));
  ASSERT_TRUE(content.ok());
  ASSERT_THAT(content->file_outputs, SizeIs(1));  // what is decoded when everything is
  EXPECT_EQ(content->file_outputs[0].path, "scrub.jpg");
  EXPECT_THAT(content->file_outputs[0].pictures, ElementsAre(1));
  EXPECT_THAT(content->folders, IsEmpty());
}

TEST_F(ReceiptOutputsTest, SoundIsCountedInSamples) {
  PlannedOutput& sound = add("sound", PlannedOutput::Type::audio, "sound.mp3");
  sound.audio_container = AudioContainer::mp3;
  PlannedSound& planned = sound.in_one_go.emplace().sound.emplace();
  planned.codec = AudioCodec::mp3;
  planned.channels = 1;
  planned.sample_rate = 44'100;
  book("sound.mp3", "sound.mp3", 441'000).timescale = 44'100;
  segments.back().duration = 441'000;
  const auto json = output();
  EXPECT_EQ(json["type"], "audio");
  EXPECT_EQ(json["container"], "mp3");
  EXPECT_EQ(json["samples_in"], 441'000);
  EXPECT_EQ(json["samples_out"], 441'000);
  EXPECT_FALSE(json.contains("frames_out"));
  EXPECT_EQ(json["duration_seconds"], 10.0);
  EXPECT_EQ(json["audio"].dump(), R"({"codec":"mp3","channels":1,"sample_rate":44100})");
  EXPECT_EQ(json["sha256"], *sha256_of_file(folder / "sound.mp3"));
  const auto content = receipt_content_from(*read_file(folder / "receipt.json"));
  ASSERT_THAT(content->file_outputs, SizeIs(1));
  EXPECT_THAT(content->file_outputs[0].pictures, IsEmpty());
}

TEST_F(ReceiptOutputsTest, CopiesNameTheSourcesCodecs) {
  PlannedOutput& output_plan = add("copy", PlannedOutput::Type::file, "copy.mkv");
  output_plan.container = Container::mkv;
  PlannedFile& file = output_plan.in_one_go.emplace();
  file.copy_video = file.copy_audio = true;
  file.sound.emplace().source_track = 1;
  book("copy.mkv", "copy.mkv", 120);
  const auto json = output();
  EXPECT_EQ(json["container"], "mkv");
  EXPECT_EQ(json["video"]["codec"], "h264");
  EXPECT_EQ(json["video"]["copied"], true);
  EXPECT_EQ(json["audio"]["codec"], "ac3");
  EXPECT_EQ(json["audio"]["channels"], 6);
  EXPECT_EQ(json["audio"]["copied"], true);
}

TEST_F(ReceiptOutputsTest, ACopyOfADamagedSourceNeedNotDecode) {
  add("copy", PlannedOutput::Type::file, "copy.mkv").in_one_go.emplace().copy_video = true;
  plan.accept_damage = true;
  lost = {{"copy.mkv", {"at 1.000 s: damaged"}}, {"other", {"elsewhere"}}};
  book("copy.mkv", "copy.mkv", 120);
  EXPECT_THAT(output()["lost"], ElementsAre("at 1.000 s: damaged"));
  const auto content = receipt_content_from(*read_file(folder / "receipt.json"));
  EXPECT_THAT(content->file_outputs, IsEmpty());
  EXPECT_THAT(content->files, SizeIs(1));
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ReceiptOutputsTest, SubtitlesStandInTheirAdaptiveOutput) {
  PlannedOutput& abr = add("abr", PlannedOutput::Type::adaptive, "abr");
  abr.packages = {Package::hls};
  abr.subtitles = {"abr/subtitles-deu"};
  plan.subtitles.resize(1);
  plan.subtitles[0].folder = "abr/subtitles-deu";
  plan.subtitles[0].name = "Deutsch";
  plan.subtitles[0].language = "deu";
  book("abr/subtitles-deu", "abr/subtitles-deu/subtitles.vtt", 40);
  for (const char* file : {"abr/master.m3u8", "abr/subtitles-deu/playlist.m3u8"})
    ASSERT_TRUE(write_file(folder / file, "list").ok());
  const auto json = output();
  ASSERT_THAT(json["subtitles"], SizeIs(1));
  EXPECT_EQ(json["subtitles"][0]["language"], "deu");
  EXPECT_EQ(json["subtitles"][0]["cues"], 40);
  EXPECT_THAT(faults(), IsEmpty());
  ASSERT_TRUE(remove_tree(folder / "abr/subtitles-deu/subtitles.vtt").ok());
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("abr/subtitles-deu/subtitles.vtt is missing")));
}

}  // namespace
}  // namespace millrace::engine
