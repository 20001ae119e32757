#include "engine/verify/receipt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/pipeline/run_task.h"
#include "tests/engine/package/published_job.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A job of which everything is written but the receipt.
class ReceiptTest : public testing::Test {
 protected:
  ReceiptTest() {
    av_log_set_level(AV_LOG_QUIET);
    EXPECT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
    const Status joined = join_web();
    EXPECT_TRUE(joined.ok()) << to_string(joined);
  }

  // As a worker does after all segments are there.
  Status join_web() {
    class Booker final : public TaskObserver {
     public:
      explicit Booker(Segments& segments) : segments_(segments) {}
      Status segment_finished(const FinishedSegment& segment) override {
        segments_.push_back(segment);
        return {};
      }
      void progress(const TaskProgress&) override {}

     private:
      Segments& segments_;
    } booker(job.segments);
    OutputTask task{job.plan, 1, job.folder, {}};
    for (const FinishedSegment& each : job.segments) ++task.segments[each.track];
    return run_output(task, booker, {}).status();
  }
  FinishedSegment& booked(const std::string& file) {
    for (FinishedSegment& each : job.segments)
      if (each.file == file) return each;
    std::abort();
  }

  Result<nlohmann::ordered_json> receipt(const std::stop_token& stop = {}) const {
    return make_receipt(job.folder, job.plan, job.segments, {12.5, 30.25, 1 << 28}, lost, stop);
  }
  void write_receipt() const {
    const auto made = receipt();
    ASSERT_TRUE(made.ok()) << to_string(made.status());
    ASSERT_TRUE(write_file(job.folder / "receipt.json", made->dump(2)).ok());
  }
  // The details of the checks that do not hold.
  std::vector<std::string> faults(bool deep = false) const {
    const auto checks = verify_folder(job.folder, deep);
    EXPECT_TRUE(checks.ok()) << to_string(checks.status());
    std::vector<std::string> details;
    if (!checks.ok()) return details;
    for (const Check& each : *checks)
      if (!each.holds) details.push_back(each.detail);
    return details;
  }
  void flip(const std::string& file, std::size_t at) const {
    std::string bytes = job.text_of(file);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    ASSERT_TRUE(write_file(job.folder / file, bytes).ok());
  }

  test::PublishedJob job;
  Losses lost;
};

TEST_F(ReceiptTest, SaysWhatWasMade) {
  const auto made = receipt();
  ASSERT_TRUE(made.ok()) << to_string(made.status());
  const nlohmann::ordered_json& json = *made;
  EXPECT_EQ(json["source"]["url"], "file:///in.mov");
  EXPECT_EQ(json["usage"]["cpu_seconds"], 30.25);
  EXPECT_EQ(json["steps_down"], nlohmann::ordered_json::array());
  EXPECT_TRUE(json["versions"].contains("libavcodec"));
  ASSERT_THAT(json["outputs"], SizeIs(2));
  const auto& rendition = json["outputs"][0]["renditions"][0];
  EXPECT_EQ(rendition["name"], "90p");
  EXPECT_EQ(rendition["frames_in"], 75);
  EXPECT_EQ(rendition["frames_out"], 75);
  EXPECT_EQ(rendition["first_pts"], 0);
  EXPECT_EQ(rendition["last_pts"], 74 * 3003);
  EXPECT_DOUBLE_EQ(rendition["duration_seconds"].get<double>(), 2.5025);
  EXPECT_EQ(rendition["idr_grid"], true);
  EXPECT_EQ(rendition["decode_check"], true);
  EXPECT_EQ(rendition["fully_decoded_segments"], rendition["segments"]);
  EXPECT_EQ(json["outputs"][0]["sounds"][0]["codec"], "aac");
  EXPECT_EQ(json["outputs"][1]["path"], "web.mp4");
  EXPECT_EQ(json["outputs"][1]["bytes"], fs::file_size(job.folder / "web.mp4"));
  EXPECT_EQ(json["outputs"][1]["sha256"], *sha256_of_file(job.folder / "web.mp4"));
  for (const auto& check : json["checks"]) EXPECT_EQ(check["holds"], true) << check;
}

TEST_F(ReceiptTest, IsRefusedForSoundThatWasCutBeforeThePicturesEnd) {
  FinishedSegment* last = nullptr;
  for (FinishedSegment& each : job.segments)
    if (each.track == job.plan.sounds.at(0).folder) last = &each;
  ASSERT_NE(last, nullptr);
  last->sound_cut_at = last->timescale;
  EXPECT_THAT(receipt().status().message(),
              HasSubstr("the check 'end of sound' does not hold: cut at 1.000 s although the source's sound "
                        "goes on and the pictures end at 2.502 s"));
  last->sound_cut_at = last->timescale * 5 / 2;
  EXPECT_TRUE(receipt().ok());
}

TEST_F(ReceiptTest, ListsEveryFileWithItsDigest) {
  const auto made = receipt();
  ASSERT_TRUE(made.ok());
  std::set<std::string> listed;
  for (const auto& file : (*made)["files"]) {
    const std::string path = file["path"];
    listed.insert(path);
    EXPECT_EQ(file["bytes"], fs::file_size(job.folder / path)) << path;
    EXPECT_EQ(file["sha256"], *sha256_of_file(job.folder / path)) << path;
  }
  std::set<std::string> present;
  for (const auto& entry : fs::recursive_directory_iterator(job.folder))
    if (entry.is_regular_file()) present.insert(entry.path().lexically_relative(job.folder).string());
  EXPECT_EQ(listed, present);
}

TEST_F(ReceiptTest, ARenditionsDigestIsThatOfItsFilesJoined) {
  const auto made = receipt();
  ASSERT_TRUE(made.ok());
  std::string joined;
  for (const char* file : {"init.mp4", "00001.m4s", "00002.m4s", "00003.m4s"})
    joined += job.text_of(std::string("abr/90p/") + file);
  EXPECT_EQ((*made)["outputs"][0]["renditions"][0]["sha256"], sha256_of(joined));
}

TEST_F(ReceiptTest, TracksThatOnlyServedAFileNeedNotBeThere) {
  job.plan.outputs.erase(job.plan.outputs.begin());
  ASSERT_TRUE(remove_tree(job.folder / "abr").ok());
  write_receipt();
  const auto json = nlohmann::ordered_json::parse(job.text_of("receipt.json"));
  EXPECT_THAT(json["files"], SizeIs(1));
  EXPECT_FALSE(json["outputs"][0]["renditions"][0].contains("sha256"));
  EXPECT_THAT(json["tracks"][0]["segments"], SizeIs(3));
  EXPECT_THAT(faults(true), IsEmpty());
}

TEST_F(ReceiptTest, IsNotMadeAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(receipt(stop.get_token()).status().code(), Code::cancelled);
}

TEST_F(ReceiptTest, IsNotMadeWhenACheckDoesNotHold) {
  job.segments[0].frames_in += 1;
  EXPECT_EQ(receipt().status().code(), Code::internal);
  EXPECT_THAT(receipt().status().message(), HasSubstr("abr/90p: the check 'frames out = frames in'"));
}

TEST_F(ReceiptTest, IsNotMadeOverADamagedSegment) {
  flip("abr/44p/00002.m4s", 500);
  EXPECT_EQ(receipt().status().code(), Code::internal);
  EXPECT_THAT(receipt().status().message(), HasSubstr("abr/44p/00002.m4s is not the one that was booked"));
}

TEST_F(ReceiptTest, IsNotMadeWithoutAFile) {
  fs::remove(job.folder / "abr/manifest.mpd");
  EXPECT_EQ(receipt().status().code(), Code::not_found);
  EXPECT_THAT(receipt().status().message(), HasSubstr("manifest.mpd"));
}

TEST_F(ReceiptTest, IsNotMadeOverAFileOfAnotherTrack) {
  ASSERT_TRUE(write_file(job.folder / "abr/90p/00004.m4s", "x").ok());
  EXPECT_THAT(receipt().status().message(), HasSubstr("abr/90p/00004.m4s"));
}

TEST_F(ReceiptTest, IsNotMadeOverAFileWithTooFewPictures) {
  booked("web.mp4").frames = 60;
  EXPECT_THAT(receipt().status().message(), HasSubstr("60 pictures in the file, 75 in its segments"));
}

TEST_F(ReceiptTest, IsNotMadeOverAFileThatIsNotTheOneThatWasBooked) {
  flip("web.mp4", 5000);
  EXPECT_THAT(receipt().status().message(), HasSubstr("web.mp4 is not the one that was booked"));
}

TEST_F(ReceiptTest, NamesCodecAndColoursAsTheInitSegmentSays) {
  const auto made = receipt();
  ASSERT_TRUE(made.ok()) << to_string(made.status());
  const auto& rendition = (*made)["outputs"][0]["renditions"][0];
  EXPECT_THAT(rendition["codecs"].get<std::string>(), testing::StartsWith("avc1."));
  EXPECT_EQ(rendition["dynamic_range"], "sdr");
  EXPECT_EQ(rendition["bits_per_component"], 8);
}

TEST_F(ReceiptTest, IsNotMadeForHdrThatIsNotInTheFile) {
  job.plan.source.video[0].color_transfer = "smpte2084";
  EXPECT_TRUE(receipt().ok());  // tone-mapped
  job.plan.renditions[0].ten_bit = true;
  EXPECT_THAT(receipt().status().message(),
              HasSubstr("abr/90p: the check 'dynamic range' does not hold: pq planned, sdr in the file"));
}

TEST_F(ReceiptTest, ListsWhatDamageTookWhereThatIsAccepted) {
  job.plan.accept_damage = true;
  lost = {{"abr/90p", {"at 1.000 s: damaged", "at 2.000 s: damaged"}},
          {"abr/audio", {"at 1.000 s: damaged", "at 1.500 s: broken \xff"}}};
  const auto made = receipt();
  ASSERT_TRUE(made.ok()) << to_string(made.status());
  EXPECT_EQ((*made)["lost"].dump(),
            "[\"at 1.000 s: damaged\",\"at 2.000 s: damaged\",\"at 1.500 s: broken \xEF\xBF\xBD\"]");
  EXPECT_THAT((*made)["outputs"][1]["lost"], SizeIs(3));
}

TEST_F(ReceiptTest, IsNotMadeOverALossThatNobodyAccepted) {
  lost = {{"abr/90p", {"at 1.000 s: damaged"}}};
  EXPECT_THAT(receipt().status().message(),
              HasSubstr("abr/90p: the check 'nothing lost' does not hold: at 1.000 s"));
  lost.clear();
  EXPECT_FALSE(receipt()->contains("lost"));
}

TEST_F(ReceiptTest, LeftoversOfAKilledProcessGoWithTheLastPlaylist) {
  ASSERT_TRUE(write_file(job.folder / "abr/master.m3u8.tmp77.3", "x").ok());
  ASSERT_TRUE(write_file(job.folder / "abr/90p/00002.m4s.tmp77.4", "x").ok());
  ASSERT_TRUE(write_adaptive(job.folder, job.plan, job.abr(), job.segments, true).ok());
  EXPECT_TRUE(receipt().ok());
}

using VerifyFolder = ReceiptTest;

TEST_F(VerifyFolder, HoldsForWhatWasJustMade) {
  write_receipt();
  EXPECT_THAT(faults(false), IsEmpty());
  EXPECT_THAT(faults(true), IsEmpty());
}

TEST_F(VerifyFolder, FindsOneChangedByteInAnyFile) {
  write_receipt();
  for (const char* file : {"web.mp4", "abr/master.m3u8", "abr/manifest.mpd", "abr/90p/init.mp4",
                           "abr/90p/00002.m4s", "abr/44p/playlist.m3u8", "abr/audio/00001.m4s"}) {
    const std::string before = job.text_of(file);
    flip(file, before.size() / 2);
    EXPECT_THAT(faults(), testing::ElementsAre(HasSubstr(std::string(file) + " has other content"))) << file;
    ASSERT_TRUE(write_file(job.folder / file, before).ok());
  }
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(VerifyFolder, NamesAMissingATruncatedAndAnExtraFile) {
  write_receipt();
  fs::remove(job.folder / "abr/90p/00002.m4s");
  fs::resize_file(job.folder / "web.mp4", 1000);
  ASSERT_TRUE(write_file(job.folder / "abr/44p/00009.m4s", "x").ok());
  EXPECT_THAT(faults(), testing::UnorderedElementsAre(HasSubstr("abr/90p/00002.m4s is missing"),
                                                      HasSubstr("web.mp4 has 1000 bytes"),
                                                      HasSubstr("abr/44p/00009.m4s is not in the receipt")));
}

TEST_F(VerifyFolder, DecodesEverythingWhenAskedTo) {
  write_receipt();
  const auto checks = verify_folder(job.folder, true);
  ASSERT_TRUE(checks.ok());
  std::vector<std::string> decoded;
  for (const Check& each : *checks)
    if (each.name == "full decode") decoded.push_back(each.where);
  EXPECT_THAT(decoded, testing::ElementsAre("abr/90p", "abr/44p", "abr/audio", "web.mp4"));
  flip("abr/90p/00001.m4s", job.text_of("abr/90p/00001.m4s").find("tfhd"));
  EXPECT_THAT(faults(true), testing::Contains(HasSubstr("abr/90p/00001.m4s: no box 'tfhd'")));
}

TEST_F(VerifyFolder, WithoutAReceiptItSaysSo) {
  const auto checks = verify_folder(job.folder, false);
  EXPECT_EQ(checks.status().code(), Code::not_found);
  EXPECT_THAT(checks.status().message(), HasSubstr("no receipt.json"));
}

TEST_F(VerifyFolder, ADamagedReceiptIsAFailureOfItsOwn) {
  write_receipt();
  const std::string whole = job.text_of("receipt.json");
  const std::size_t figure = whole.find("30.25");
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("{}"),
        std::string(whole).replace(figure, 5, "31.25"), whole + "x", std::string(200'000, '[')}) {
    ASSERT_TRUE(write_file(job.folder / "receipt.json", text).ok());
    const auto checks = verify_folder(job.folder, false);
    ASSERT_FALSE(checks.ok()) << text.substr(0, 100);
    EXPECT_EQ(checks.status().code(), Code::corrupt_input);
    EXPECT_THAT(checks.status().message(), HasSubstr("receipt.json is damaged"));
  }
}

TEST_F(VerifyFolder, AReceiptInAnotherSettingIsTheSame) {
  write_receipt();
  const auto json = nlohmann::ordered_json::parse(job.text_of("receipt.json"));
  ASSERT_TRUE(write_file(job.folder / "receipt.json", json.dump()).ok());
  EXPECT_THAT(faults(), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
