#include "server/cli/spec_flags.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "engine/base/file.h"
#include "server/cli/source_argument.h"

namespace millrace::server {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using testing::HasSubstr;

TEST(SourceArgument, PathsBecomeUrls) {
  EXPECT_EQ(url_of_source("/media/in.mov").value(), "file:///media/in.mov");
  EXPECT_EQ(url_of_source("/media/a b%ü.mov").value(), "file:///media/a%20b%25%C3%BC.mov");
  EXPECT_EQ(url_of_source("in.mov").value(), "file://" + (fs::current_path() / "in.mov").string());
  EXPECT_EQ(url_of_source("12:30.mov").value(), "file://" + (fs::current_path() / "12%3A30.mov").string());
}

TEST(SourceArgument, UrlsStayAsTheyAre) {
  for (const char* url : {"file:///a%20b.mov", "https://example.org/a.mp4?x=1", "upload:01J", "file:/a"})
    EXPECT_EQ(url_of_source(url).value(), url);
  EXPECT_EQ(url_of_source("").status().code(), Code::invalid_argument);
}

TEST(SpecFlags, DefaultIsOneAdaptiveOutput) {
  SpecFlags flags;
  flags.source = "/in.mov";
  const auto spec = job_spec_of(flags);
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->input_url, "file:///in.mov");
  ASSERT_EQ(spec->outputs.size(), 1U);
  const auto& adaptive = std::get<engine::AdaptiveOutput>(spec->outputs[0]);
  EXPECT_EQ(adaptive.name, "abr");
  EXPECT_TRUE(adaptive.ladder.empty());
  EXPECT_FALSE(spec->cores.has_value());
}

TEST(SpecFlags, EveryFlagArrives) {
  SpecFlags flags;
  flags.source = "/in.mov";
  flags.ladder = "720p,360p";
  flags.package = "hls";
  flags.mp4 = true;
  flags.preset = "ultrafast";
  flags.codec = "hevc";
  flags.trim = "1.5:30";
  flags.on_damage = "accept";
  flags.full_decode = true;
  flags.device = "cpu";
  flags.cores = 3;
  const auto spec = job_spec_of(flags);
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  const auto& adaptive = std::get<engine::AdaptiveOutput>(spec->outputs[0]);
  EXPECT_EQ(adaptive.ladder.size(), 2U);
  EXPECT_THAT(adaptive.packages, testing::ElementsAre(engine::Package::hls));
  EXPECT_EQ(adaptive.preset, "ultrafast");
  const auto& file = std::get<engine::FileOutput>(spec->outputs[1]);
  EXPECT_EQ(file.name, "web");
  EXPECT_EQ(file.preset, "ultrafast");
  EXPECT_EQ(adaptive.codec, engine::VideoCodec::hevc);
  EXPECT_EQ(file.codec, engine::VideoCodec::hevc);
  EXPECT_EQ(spec->trim.from, 1.5);
  EXPECT_EQ(spec->trim.to, 30);
  EXPECT_EQ(spec->on_damage, engine::OnDamage::accept);
  EXPECT_TRUE(spec->full_decode);
  EXPECT_EQ(spec->device.kind, engine::DevicePreference::Kind::cpu);
  EXPECT_EQ(spec->cores, 3);
}

TEST(SpecFlags, EveryCodecOfTheContractWorks) {
  for (const char* codec : {"h264", "hevc", "av1", "vp9"}) {
    SpecFlags flags;
    flags.source = "/in.mov";
    flags.mp4 = true;
    flags.codec = codec;
    const auto spec = job_spec_of(flags);
    ASSERT_TRUE(spec.ok()) << spec.status().message();
    EXPECT_EQ(name_of(std::get<engine::FileOutput>(spec->outputs[1]).codec), codec);
  }
}

TEST(SpecFlags, RefusalsNameTheFlag) {
  SpecFlags flags;
  flags.source = "/in.mov";
  flags.trim = "30:10";
  EXPECT_EQ(job_spec_of(flags).status().field(), "--trim");
  flags.trim.clear();
  flags.on_damage = "ignore";
  EXPECT_EQ(job_spec_of(flags).status().field(), "--on-damage");
  EXPECT_THAT(job_spec_of(flags).status().message(), HasSubstr("refuse, accept"));
}

class SpecFile : public testing::Test {
 protected:
  SpecFile() {
    std::string name = (fs::temp_directory_path() / "millrace-spec-XXXXXX").string();
    here_ = ::mkdtemp(name.data());
    flags_.spec = (here_ / "spec.json").string();
  }
  ~SpecFile() override { EXPECT_TRUE(engine::remove_tree(here_).ok()); }
  engine::Result<engine::JobSpec> read(const std::string& text) {
    EXPECT_TRUE(engine::write_file(flags_.spec, text).ok());
    return job_spec_of(flags_);
  }
  fs::path here_;
  SpecFlags flags_;
};

TEST_F(SpecFile, TakesItsInputFromTheCommandLine) {
  flags_.source = "/in.mov";
  const auto without = read(R"({"outputs":[{"name":"a","type":"adaptive"}]})");
  ASSERT_TRUE(without.ok()) << without.status().message();
  EXPECT_EQ(without->input_url, "file:///in.mov");
  const auto with = read(R"({"input":{"url":"file:///other"},"outputs":[{"name":"a","type":"adaptive"}]})");
  ASSERT_TRUE(with.ok()) << with.status().message();
  EXPECT_EQ(with->input_url, "file:///in.mov");
}

TEST_F(SpecFile, WhatStandsBesideItsUrlStays) {
  flags_.source = "/in.mov";
  const auto spec = read(R"({"input":{"url":"/other","subtitles":[{"url":"/a.srt","language":"eng"}]},
                             "outputs":[{"name":"a","type":"adaptive"}]})");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->input_url, "file:///in.mov");
  ASSERT_EQ(spec->subtitles.size(), 1U);
}

TEST_F(SpecFile, ASlideShowGivesWayToTheCommandLine) {
  const std::string text =
      R"({"input":{"slides":[{"text":"a"}],"seconds_each":2,"background":"#ffffff","size":"64x36",
                                        "audio":"/a.m4a"},"outputs":[{"name":"a","type":"adaptive"}]})";
  const auto slides = read(text);
  ASSERT_TRUE(slides.ok()) << slides.status().message();
  ASSERT_TRUE(slides->slides.has_value());
  EXPECT_EQ(slides->slides->audio, "/a.m4a");
  flags_.source = "/in.mov";
  const auto replaced = read(text);
  ASSERT_TRUE(replaced.ok()) << replaced.status().message();
  EXPECT_FALSE(replaced->slides.has_value());
  EXPECT_EQ(replaced->input_url, "file:///in.mov");
}

TEST(SpecFlags, NothingToReadIsRefused) { EXPECT_EQ(job_spec_of({}).status().field(), "SOURCE"); }

TEST_F(SpecFile, TheCommandLineGoesBeforeWhatItSays) {
  flags_.source = "/in.mov";
  flags_.trim = "2:";
  flags_.on_damage = "accept";
  const auto spec = read(R"({"outputs":[{"name":"a","type":"adaptive"}],"trim":{"from":1,"to":5}})");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  EXPECT_EQ(spec->trim.from, 2);
  EXPECT_EQ(spec->trim.to, 0);
  EXPECT_EQ(spec->on_damage, engine::OnDamage::accept);
}

TEST_F(SpecFile, RefusalsNameTheField) {
  flags_.source = "/in.mov";
  const auto unknown = read(R"({"outputs":[{"name":"a","type":"adaptive","ladders":"auto"}]})");
  EXPECT_EQ(unknown.status().code(), Code::invalid_argument);
  EXPECT_THAT(unknown.status().message(), HasSubstr("ladders"));
  EXPECT_THAT(read(R"({"outputs":[],"outputs":[]})").status().message(), HasSubstr("outputs"));
  EXPECT_FALSE(read("{").ok());
  EXPECT_FALSE(read("[]").ok());
  EXPECT_FALSE(read("").ok());
  flags_.spec = (here_ / "missing").string();
  EXPECT_EQ(job_spec_of(flags_).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::server
