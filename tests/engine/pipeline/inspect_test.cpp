#include "engine/pipeline/inspect.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string_view>

#include "engine/base/file.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using test::make_sample;
using testing::HasSubstr;

class InspectTest : public testing::Test {
 protected:
  std::string text_of_refusal(const std::filesystem::path& path, Code code) {
    const auto source = inspect(path);
    EXPECT_FALSE(source.ok());
    EXPECT_EQ(source.status().code(), code) << to_string(source.status());
    EXPECT_THAT(source.status().message(), HasSubstr(path.native()));
    return source.status().message();
  }
  const test::TempFolder folder_;
};

TEST_F(InspectTest, TellsPictureAndSound) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, test::SampleSound{});
  const auto source = inspect("file://" + (folder_ / "a.mp4").native());
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_THAT(source->container, HasSubstr("mp4"));
  EXPECT_TRUE(source->can_seek);
  EXPECT_NEAR(source->duration_seconds, 2, 0.05);
  const VideoTrack* video = source->main_video();
  ASSERT_NE(video, nullptr);
  EXPECT_EQ(video->codec, "h264");
  EXPECT_EQ(video->width, 96);
  EXPECT_EQ(video->height, 64);
  EXPECT_EQ(video->frame_rate, (Rational{25, 1}));
  EXPECT_FALSE(video->variable_frame_rate);
  EXPECT_FALSE(video->interlaced);
  EXPECT_EQ(video->pixel_format, "yuv420p");
  EXPECT_EQ(video->frame_count, 50);
  EXPECT_EQ(video->rotation_degrees, 0);
  const AudioTrack* audio = source->main_audio();
  ASSERT_NE(audio, nullptr);
  EXPECT_EQ(audio->codec, "aac");
  EXPECT_EQ(audio->channels, 2);
  EXPECT_EQ(audio->sample_rate, 48'000);
}

TEST_F(InspectTest, SeesAVariableRateInMp4AndMatroska) {
  test::SampleVideo video;
  video.pts.clear();
  for (int i = 0; i < video.frames; ++i) video.pts.push_back(i * 3600 + (i >= 20 ? 54'000 : 0));
  for (const char* name : {"v.mp4", "v.mkv"}) {
    make_sample(folder_ / name, video);
    const auto source = inspect(folder_ / name);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_TRUE(source->main_video()->variable_frame_rate) << name;
  }
}

TEST_F(InspectTest, FindsTheExactRateInMatroskasMilliseconds) {
  test::SampleVideo video;
  video.rate = 30000;
  video.rate_base = 1001;
  make_sample(folder_ / "a.mkv", video);
  const auto source = inspect(folder_ / "a.mkv");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_EQ(source->main_video()->frame_rate, (Rational{30000, 1001}));
  EXPECT_FALSE(source->main_video()->variable_frame_rate);
}

TEST_F(InspectTest, SeesInterlacedFramesAndRotation) {
  test::SampleVideo video;
  video.encoder = "mpeg2video";
  video.interlaced = true;
  make_sample(folder_ / "i.ts", video);
  const auto interlaced = inspect(folder_ / "i.ts");
  ASSERT_TRUE(interlaced.ok()) << to_string(interlaced.status());
  EXPECT_TRUE(interlaced->main_video()->interlaced);
  EXPECT_TRUE(interlaced->main_video()->top_field_first);
  EXPECT_FALSE(interlaced->can_seek);

  test::SampleVideo turned;
  turned.rotation_degrees = 90;
  make_sample(folder_ / "r.mp4", turned);
  const auto source = inspect(folder_ / "r.mp4");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_EQ(source->main_video()->rotation_degrees, 90);
  EXPECT_FALSE(source->main_video()->mirrored);
}

TEST_F(InspectTest, GivesARawStreamItsDefaultRate) {
  make_sample(folder_ / "a.h264", test::SampleVideo{});
  const auto source = inspect(folder_ / "a.h264");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_TRUE(source->main_video()->frame_rate.known());
  EXPECT_FALSE(source->can_seek);
}

TEST_F(InspectTest, TakesAContainerByItsContent) {
  make_sample(folder_ / "a.mkv", test::SampleVideo{});
  std::filesystem::rename(folder_ / "a.mkv", folder_ / "a.mp4");
  const auto source = inspect(folder_ / "a.mp4");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_THAT(source->container, HasSubstr("matroska"));
}

TEST_F(InspectTest, SaysWhatIsNoMedia) {
  text_of_refusal(folder_ / "none.mp4", Code::not_found);
  EXPECT_THAT(text_of_refusal(folder_.path(), Code::invalid_argument), HasSubstr("a folder"));
  ASSERT_TRUE(write_file(folder_ / "empty.mp4", "").ok());
  EXPECT_THAT(text_of_refusal(folder_ / "empty.mp4", Code::corrupt_input), HasSubstr("empty"));
  ASSERT_TRUE(write_file(folder_ / "text.mp4", "Dear diary,\nnothing happened today.\n").ok());
  EXPECT_THAT(text_of_refusal(folder_ / "text.mp4", Code::corrupt_input), HasSubstr("not a media file"));
}

TEST_F(InspectTest, OpensNoOtherFile) {
  make_sample(folder_ / "a.ts", test::SampleVideo{});
  ASSERT_TRUE(write_file(folder_ / "list.txt", "ffconcat version 1.0\nfile a.ts\n").ok());
  EXPECT_THAT(text_of_refusal(folder_ / "list.txt", Code::unsupported), HasSubstr("names other files"));
  ASSERT_TRUE(write_file(folder_ / "still.mp4", "\xff\xd8\xff\xe0 and so on").ok());
  EXPECT_THAT(text_of_refusal(folder_ / "still.mp4", Code::unsupported), HasSubstr("slide show"));
  EXPECT_EQ(inspect("concat:" + (folder_ / "a.ts").native()).status().code(), Code::not_found);
}

TEST_F(InspectTest, FindsAFileThatIsCutShort) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{}, test::SampleSound{});
  const std::string bytes = read_file(folder_ / "a.mp4").value();
  ASSERT_TRUE(write_file(folder_ / "lost.mp4", std::string_view(bytes).substr(0, bytes.size() / 2)).ok());
  EXPECT_THAT(text_of_refusal(folder_ / "lost.mp4", Code::corrupt_input), HasSubstr("moov"));
}

TEST_F(InspectTest, SeesFieldsThatNoFlagSpeaksOf) {
  test::SampleVideo video;
  video.width = 160;
  video.height = 576;
  video.frames = 60;
  video.moving_fields = true;
  make_sample(folder_ / "a.mp4", video);
  const auto source = inspect(folder_ / "a.mp4");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_TRUE(source->main_video()->interlaced);
  EXPECT_TRUE(source->main_video()->top_field_first);
  EXPECT_THAT(source->main_video()->scan_note, HasSubstr("two fields"));

  video.height = 360;
  make_sample(folder_ / "b.mp4", video);
  const auto texture = inspect(folder_ / "b.mp4");
  ASSERT_TRUE(texture.ok()) << to_string(texture.status());
  EXPECT_FALSE(texture->main_video()->interlaced) << "no interlaced video has 360 lines";
  EXPECT_EQ(texture->main_video()->scan_note, "");
}

// The rest of the file may be of fields.
TEST_F(InspectTest, AProgressiveBeginningDoesNotOverruleTheContainer) {
  test::SampleVideo video;
  video.width = 160;
  video.height = 576;
  video.tagged_interlaced = true;
  make_sample(folder_ / "a.mkv", video);
  const auto source = inspect(folder_ / "a.mkv");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_TRUE(source->main_video()->interlaced);
  EXPECT_TRUE(source->main_video()->top_field_first);
  EXPECT_EQ(source->main_video()->scan_note, "");
}

TEST_F(InspectTest, FindsTheMarksAfterAProgressiveLeader) {
  test::SampleVideo leader;
  leader.height = 576;
  leader.frames = 8;
  make_sample(folder_ / "leader.h264", leader);
  test::SampleVideo fields;
  fields.height = 576;
  fields.interlaced = true;
  make_sample(folder_ / "fields.h264", fields);
  const std::string both =
      read_file(folder_ / "leader.h264").value() + read_file(folder_ / "fields.h264").value();
  ASSERT_TRUE(write_file(folder_ / "both.h264", both).ok());
  EXPECT_FALSE(inspect(folder_ / "leader.h264")->main_video()->interlaced);
  const auto source = inspect(folder_ / "both.h264");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_TRUE(source->main_video()->interlaced);
  EXPECT_EQ(source->main_video()->scan_note, "");
}

TEST_F(InspectTest, FindsDolbyVisionWhereTheColoursAreNotSaid) {
  test::SampleVideo video;
  video.dolby_vision_profile = 9;
  video.dolby_vision_compatibility = 2;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    make_sample(folder_ / name, video);
    const auto source = inspect(folder_ / name);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_EQ(source->main_video()->dolby_vision, "9.2") << name;
    EXPECT_EQ(source->main_video()->color_transfer, "unknown") << name;
  }
}

// Two transport streams in one file: the second begins its timestamps anew.
TEST_F(InspectTest, MeasuresASplicedStreamByReadingIt) {
  make_sample(folder_ / "a.ts", test::SampleVideo{}, test::SampleSound{});
  const std::string bytes = read_file(folder_ / "a.ts").value();
  ASSERT_TRUE(write_file(folder_ / "b.ts", bytes + bytes).ok());
  const auto source = inspect(folder_ / "b.ts");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_NEAR(source->duration_seconds, 4, 1e-3);
  EXPECT_NEAR(source->main_video()->duration_seconds, 4, 1e-3);
  EXPECT_FALSE(source->main_video()->variable_frame_rate);
  EXPECT_EQ(source->main_video()->frame_rate, (Rational{25, 1}));
  EXPECT_THAT(source->repairs, testing::ElementsAre(testing::StartsWith("timestamps jump by -2.0")));
  EXPECT_THAT(source->damage, testing::IsEmpty());
}

TEST_F(InspectTest, DoesNotTakeCoverArtForAPicture) {
  const auto clip = test::real_clip("odd/audio_only_aac.m4a");
  if (!clip) GTEST_SKIP() << "MILLRACE_MEDIA has no audio_only_aac.m4a";
  const auto source = inspect(*clip);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(source->chosen_video, -1);
  EXPECT_EQ(source->main_video(), nullptr);
  EXPECT_GE(source->chosen_audio, 0);
}

TEST_F(InspectTest, SaysWhatIsWrongWhereDamageIsAccepted) {
  test::SampleVideo video;
  video.index_first = true;
  make_sample(folder_ / "a.mp4", video, test::SampleSound{});
  const std::string bytes = read_file(folder_ / "a.mp4").value();
  ASSERT_TRUE(write_file(folder_ / "cut.mp4", std::string_view(bytes).substr(0, bytes.size() * 7 / 10)).ok());
  EXPECT_EQ(inspect(folder_ / "cut.mp4").status().code(), Code::corrupt_input);
  const auto source = inspect(folder_ / "cut.mp4", {}, true);
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_THAT(source->damage, testing::ElementsAre(testing::ContainsRegex("^ends at [0-9.]+ s of 2.0 s")));
  EXPECT_LT(source->main_video()->duration_seconds, 1.9);
  EXPECT_GT(source->main_video()->duration_seconds, 0.5);
  EXPECT_LT(source->main_audio()->duration_seconds, 1.9);
}

// Whatever stands in a header: it is read, or the file is to blame, never we or the disk.
TEST_F(InspectTest, BlamesTheFileForWhatIsWrongInIt) {
  test::SampleVideo video;
  video.frames = 10;
  test::SampleSound sound;
  sound.seconds = 0.4;
  std::minstd_rand random(7);
  for (const char* name : {"a.mp4", "a.mkv", "a.ts", "a.avi", "a.ogg"}) {
    const bool ogg = std::string_view(name) == "a.ogg";
    video.encoder = ogg ? "libtheora" : "libx264";
    sound.encoder = ogg ? "flac" : "aac";
    make_sample(folder_ / name, video, sound);
    const std::string whole = read_file(folder_ / name).value();
    for (int turn = 0; turn < 40; ++turn) {
      std::string bytes = whole;
      for (int change = 0; change < 1 << (turn % 4); ++change)
        bytes[random() % std::min<std::size_t>(bytes.size(), 3000)] = static_cast<char>(random() % 256);
      ASSERT_TRUE(write_file(folder_ / "b", bytes).ok());
      const auto source = inspect(folder_ / "b");
      EXPECT_THAT(source.status().code(), testing::AnyOf(Code::ok, Code::corrupt_input, Code::unsupported))
          << name << ", turn " << turn << ": " << to_string(source.status());
    }
  }
}

TEST_F(InspectTest, RefusesAPictureThatLastsForYears) {
  test::SampleVideo video;
  video.frames = 4;
  video.b_frames = 0;
  video.pts = {0, 3600, 7200, 7200 + std::int64_t{90'000} * 3600 * 720};
  make_sample(folder_ / "a.mkv", video);
  EXPECT_THAT(text_of_refusal(folder_ / "a.mkv", Code::corrupt_input),
              HasSubstr("the next picture comes 720 h later"));
}

TEST_F(InspectTest, RefusesALengthThatCannotBe) {
  test::SampleVideo video;
  video.frames = 400;  // more than inspect reads
  make_sample(folder_ / "a.mkv", video);
  std::string bytes = read_file(folder_ / "a.mkv").value();
  // Segment duration (EBML 4489, a double) of 2^33 ms; the track's own tag is made unreadable.
  const auto at = bytes.find("\x44\x89\x88");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at + 3, 8, std::string("\x42\x00\0\0\0\0\0\0", 8));
  for (auto tag = bytes.find("DURATION"); tag != std::string::npos; tag = bytes.find("DURATION"))
    bytes[tag] = 'X';
  ASSERT_TRUE(write_file(folder_ / "b.mkv", bytes).ok());
  EXPECT_THAT(text_of_refusal(folder_ / "b.mkv", Code::corrupt_input),
              HasSubstr("its header promises 2386 h"));
  const auto source = inspect(folder_ / "b.mkv", {}, true);
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  EXPECT_EQ(source->duration_seconds, 0);
  EXPECT_THAT(source->damage, testing::Contains(HasSubstr("its header promises 2386 h")));
}

struct OddClip {
  const char* clip;
  void (*check)(const Source& source);
};
class OddClipTest : public testing::TestWithParam<OddClip> {};

TEST_P(OddClipTest, IsSeenForWhatItIs) {
  const auto clip = test::real_clip(GetParam().clip);
  if (!clip) GTEST_SKIP() << "MILLRACE_MEDIA has no " << GetParam().clip;
  const auto source = inspect(*clip);
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  GetParam().check(*source);
}

INSTANTIATE_TEST_SUITE_P(
    Media, OddClipTest,
    testing::Values(OddClip{"odd/portrait_rot90_hevc10_hlg_editlist.mp4",
                            [](const Source& source) {
                              EXPECT_EQ(source.main_video()->dolby_vision, "8.4");
                              EXPECT_EQ(source.main_video()->rotation_degrees, 90);
                              EXPECT_EQ(source.main_video()->color_transfer, "arib-std-b67");
                            }},
                    OddClip{"odd/interlaced_1080i_avchd_sony_0.5s.mts",
                            [](const Source& source) {
                              EXPECT_TRUE(source.main_video()->interlaced);
                              EXPECT_EQ(source.main_video()->scan_note, "");
                              EXPECT_EQ(source.main_video()->frame_rate, (Rational{25, 1}));
                            }},
                    OddClip{"odd/interlaced_480i_mpeg2_derived.ts",
                            [](const Source& source) {
                              EXPECT_TRUE(source.main_video()->interlaced);
                              EXPECT_NEAR(source.main_video()->duration_seconds, 6, 1e-3);
                            }},
                    OddClip{"odd/captions_cea608.ts",
                            [](const Source& source) {
                              EXPECT_TRUE(source.main_video()->closed_captions);
                              EXPECT_FALSE(source.main_video()->interlaced);
                            }},
                    OddClip{"containers/rgb_vp9_opus.webm",
                            [](const Source& source) {
                              EXPECT_NEAR(source.duration_seconds, 15.05, 0.1) << "its tracks say nothing";
                              EXPECT_EQ(source.main_audio()->duration_seconds, 0);
                            }},
                    OddClip{"clips/bbb_1080p25_62s.mp4",
                            [](const Source& source) {
                              EXPECT_FALSE(source.main_video()->interlaced);
                              EXPECT_EQ(source.main_video()->scan_note, "");
                              EXPECT_EQ(source.main_video()->dolby_vision, "");
                            }},
                    OddClip{"odd/two_audio_langs_srt_derived.mkv",
                            [](const Source& source) {
                              ASSERT_EQ(source.audio.size(), 2u);
                              EXPECT_EQ(source.main_audio()->language, "eng");
                              EXPECT_EQ(source.audio[1].language, "spa");
                              ASSERT_EQ(source.other.size(), 1u);
                              EXPECT_EQ(source.other[0].codec, "subrip");
                            }},
                    OddClip{"odd/multivideo_multiaudio_movtext_nasa.mp4",
                            [](const Source& source) {
                              EXPECT_EQ(source.chosen_video, 0);
                              EXPECT_EQ(source.chosen_audio, 0);
                              EXPECT_TRUE(source.other[0].is_default);
                              EXPECT_FALSE(source.other[0].forced);
                            }},
                    OddClip{"odd/hdr10_hevc10_1080p_sdr_container.mp4",
                            [](const Source& source) {
                              EXPECT_EQ(source.main_video()->color_transfer, "smpte2084");
                              EXPECT_NE(source.main_video()->hdr.mastering_display, "");
                            }},
                    OddClip{"broken/absurd_dimensions_derived.mp4", [](const Source& source) {
                              EXPECT_EQ(source.main_video()->width, 320);
                              EXPECT_NEAR(source.duration_seconds, 1.2, 0.01);
                            }}));

TEST_F(InspectTest, StopsOnRequest) {
  make_sample(folder_ / "a.mp4", test::SampleVideo{});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(inspect(folder_ / "a.mp4", stop.get_token()).status().code(), Code::cancelled);
}

}  // namespace
}  // namespace millrace::engine
