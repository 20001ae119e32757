#include "engine/work/protocol.h"

#include <gmock/gmock.h>

#include <limits>

namespace millrace::engine {
namespace {

using testing::HasSubstr;

ToWorker over_the_wire(const ToWorker& message) {
  const Result<std::string> line = line_of(message);
  EXPECT_TRUE(line.ok());
  EXPECT_EQ(line->find('\n'), line->size() - 1);
  Result<ToWorker> back = to_worker_from(std::string_view(*line).substr(0, line->size() - 1));
  EXPECT_TRUE(back.ok()) << back.status().message();
  return std::move(back).value();
}

FromWorker over_the_wire(const FromWorker& message) {
  const std::string line = line_of(message);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  Result<FromWorker> back = from_worker_from(std::string_view(line).substr(0, line.size() - 1));
  EXPECT_TRUE(back.ok()) << back.status().message();
  return std::move(back).value();
}

TEST(Protocol, CarriesTasks) {
  const auto inspect =
      std::get<TaskMessage>(over_the_wire(ToWorker(TaskMessage{7, InspectTask{"file:///a\nb", true}})));
  EXPECT_EQ(inspect.id, 7U);
  EXPECT_EQ(std::get<InspectTask>(inspect.task).url, "file:///a\nb");
  EXPECT_TRUE(std::get<InspectTask>(inspect.task).accept_damage);

  RangeTask range;
  range.plan.source.url = "file:///in.mov";
  range.plan.clock = SegmentClock(360'360);
  range.first_segment = 3;
  range.end_segment = -1;
  range.output_folder = "/out/ü";
  range.lacking_from = {3, 5};
  const auto back = std::get<TaskMessage>(over_the_wire(ToWorker(TaskMessage{8, range})));
  const auto& range_back = std::get<RangeTask>(back.task);
  EXPECT_EQ(range_back.plan.source.url, "file:///in.mov");
  EXPECT_EQ(range_back.plan.clock.segment_ticks(), 360'360);
  EXPECT_EQ(range_back.first_segment, 3);
  EXPECT_EQ(range_back.end_segment, -1);
  EXPECT_EQ(range_back.output_folder, "/out/ü");
  EXPECT_EQ(range_back.lacking_from, range.lacking_from);

  const auto compare =
      std::get<TaskMessage>(over_the_wire(ToWorker(TaskMessage{4, CompareTask{"/made", "/known"}})));
  EXPECT_EQ(std::get<CompareTask>(compare.task).track, "/made");
  EXPECT_EQ(std::get<CompareTask>(compare.task).reference, "/known");

  const auto film = std::get<TaskMessage>(
      over_the_wire(ToWorker(TaskMessage{5, FilmTask{range.plan, "mpeg4", "/out", "mpeg4.mkv"}})));
  const auto& film_back = std::get<FilmTask>(film.task);
  EXPECT_EQ(film_back.plan.source.url, "file:///in.mov");
  EXPECT_EQ(film_back.codec, "mpeg4");
  EXPECT_EQ(film_back.output_folder, "/out");
  EXPECT_EQ(film_back.file, "mpeg4.mkv");

  SoundTask sound;
  sound.sound = 2;
  sound.output_folder = "/out";
  const auto sound_back = std::get<TaskMessage>(over_the_wire(ToWorker(TaskMessage{9, sound})));
  EXPECT_EQ(std::get<SoundTask>(sound_back.task).sound, 2U);
}

TEST(Protocol, CarriesTheTaskOfAnOutputAndOfASubtitle) {
  OutputTask output;
  output.plan.outputs.resize(2);
  output.plan.subtitles.resize(1);
  output.output = 1;
  output.output_folder = "/out";
  output.segments = {{".parts/web", 12}, {"abr/audio", 0}};
  output.headers = {{".parts/web", {0, 0, 1, 0}}};
  const auto back = std::get<TaskMessage>(over_the_wire(ToWorker(TaskMessage{3, output})));
  const auto& output_back = std::get<OutputTask>(back.task);
  EXPECT_EQ(output_back.output, 1U);
  EXPECT_EQ(output_back.output_folder, "/out");
  EXPECT_EQ(output_back.segments, output.segments);
  EXPECT_EQ(output_back.headers, output.headers);
  output.output = 2;  // the subtitle
  output.segments.clear();
  const auto subtitle = std::get<TaskMessage>(over_the_wire(ToWorker(TaskMessage{4, output})));
  EXPECT_EQ(std::get<OutputTask>(subtitle.task).output, 2U);
  output.output = 3;  // neither
  const std::string line = *line_of(ToWorker(TaskMessage{5, output}));
  EXPECT_THAT(to_worker_from(line).status().message(), HasSubstr("output is none of the plan"));
}

TEST(Protocol, TheHeadersOfATasksSegmentsAreListsOfNumbers) {
  OutputTask output;
  output.plan.outputs.resize(1);
  output.segments = {{"a", 2}};
  output.headers = {{"a", {0, 1}}};
  const std::string line = *line_of(ToWorker(TaskMessage{3, output}));
  for (const char* wrong : {"[0.5]", "[\"1\"]", "7", "null"}) {
    std::string broken = line;
    broken.replace(broken.find("{\"a\":[0,1]}"), 11, std::string("{\"a\":") + wrong + "}");
    const Result<ToWorker> read = to_worker_from(broken);
    ASSERT_FALSE(read.ok()) << broken;
    EXPECT_THAT(read.status().message(), HasSubstr("headers"));
  }
}

TEST(Protocol, TheSegmentsOfATaskAreCounts) {
  OutputTask output;
  output.plan.outputs.resize(1);
  output.segments = {{"a", 12}};
  const std::string line = *line_of(ToWorker(TaskMessage{3, output}));
  for (const char* wrong : {"-1", "1.5", "\"12\"", "null", "{}"}) {
    std::string broken = line;
    broken.replace(broken.find("{\"a\":12}"), 8, std::string("{\"a\":") + wrong + "}");
    const Result<ToWorker> read = to_worker_from(broken);
    ASSERT_FALSE(read.ok()) << broken;
    EXPECT_THAT(read.status().message(), HasSubstr("segments"));
  }
}

TEST(Protocol, CarriesAnswersAndCancellations) {
  EXPECT_EQ(std::get<CancelMessage>(over_the_wire(ToWorker(CancelMessage{5}))).id, 5U);
  EXPECT_EQ(std::get<EnoughMessage>(over_the_wire(ToWorker(EnoughMessage{6}))).id, 6U);
  const auto booked = std::get<SegmentAnswer>(over_the_wire(ToWorker(SegmentAnswer{5, 2, {}})));
  EXPECT_EQ(booked.number, 2U);
  EXPECT_TRUE(booked.status.ok());
  Status full(Code::resource_exhausted, "the disk of /data is full");
  full.at_field("output");
  const auto refused = std::get<SegmentAnswer>(over_the_wire(ToWorker(SegmentAnswer{5, 3, full})));
  EXPECT_EQ(refused.status.code(), Code::resource_exhausted);
  EXPECT_EQ(refused.status.message(), "the disk of /data is full");
  EXPECT_EQ(refused.status.field(), "output");
}

TEST(Protocol, CarriesReports) {
  EXPECT_EQ(std::get<TakenMessage>(over_the_wire(FromWorker(TakenMessage{6}))).id, 6U);
  FinishedSegment segment;
  segment.track = "abr/720p";
  segment.index = 4;
  segment.bytes = 123;
  const auto segment_back =
      std::get<SegmentMessage>(over_the_wire(FromWorker(SegmentMessage{1, 2, segment})));
  EXPECT_EQ(segment_back.number, 2U);
  EXPECT_EQ(segment_back.segment.track, "abr/720p");
  EXPECT_EQ(segment_back.segment.index, 4);

  const auto progress = std::get<ProgressMessage>(over_the_wire(FromWorker(ProgressMessage{1, {2.5, 60}})));
  EXPECT_EQ(progress.progress.media_seconds, 2.5);
  EXPECT_EQ(progress.progress.frames, 60);
  const auto work = std::get<WorkMessage>(over_the_wire(FromWorker(WorkMessage{1, 123'456'789'012})));
  EXPECT_EQ(work.id, 1U);
  EXPECT_EQ(work.done, 123'456'789'012);

  TaskEnd end;
  end.end_segment = 9;
  end.end_of_source = true;
  end.cpu_seconds = 1.25;
  end.lost = {"at 1.000 s: a slice is damaged", "at 2.000 s: \xff"};
  end.peak_memory_bytes = 1LL << 40;
  const auto done = std::get<DoneMessage>(over_the_wire(FromWorker(DoneMessage{1, end})));
  EXPECT_EQ(std::get<TaskEnd>(done.result).end_segment, 9);
  EXPECT_TRUE(std::get<TaskEnd>(done.result).end_of_source);
  EXPECT_EQ(std::get<TaskEnd>(done.result).cpu_seconds, 1.25);
  EXPECT_THAT(std::get<TaskEnd>(done.result).lost,
              testing::ElementsAre("at 1.000 s: a slice is damaged", "at 2.000 s: \xEF\xBF\xBD"));

  const auto lost = std::get<LostMessage>(over_the_wire(FromWorker(LostMessage{1, "at 1.000 s: broken"})));
  EXPECT_EQ(lost.id, 1U);
  EXPECT_EQ(lost.sentence, "at 1.000 s: broken");
  EXPECT_EQ(std::get<TaskEnd>(done.result).peak_memory_bytes, 1LL << 40);

  Source source;
  source.url = "file:///in.mov";
  const Likeness likeness{50, 49, 11.25, 3};
  const auto compared = std::get<DoneMessage>(over_the_wire(FromWorker(DoneMessage{1, likeness})));
  EXPECT_EQ(std::get<Likeness>(compared.result), likeness);
  const auto looked = std::get<DoneMessage>(over_the_wire(FromWorker(DoneMessage{1, source})));
  EXPECT_EQ(std::get<Source>(looked.result).url, "file:///in.mov");

  const auto failed = std::get<FailedMessage>(
      over_the_wire(FromWorker(FailedMessage{1, Status(Code::corrupt_input, "at 12.480 s: broken")})));
  EXPECT_EQ(failed.status.code(), Code::corrupt_input);
  EXPECT_EQ(failed.status.message(), "at 12.480 s: broken");
}

TEST(Protocol, TheLastLineOfATaskIsKnownWithoutReadingIt) {
  EXPECT_TRUE(is_last_line(line_of(FromWorker(DoneMessage{1, TaskEnd{}}))));
  EXPECT_TRUE(is_last_line(line_of(FromWorker(DoneMessage{1, Source{}}))));
  EXPECT_TRUE(is_last_line(line_of(FromWorker(FailedMessage{1, {Code::io_error, "no"}}))));
  for (const FromWorker& message :
       {FromWorker(ReadyMessage{}), FromWorker(TakenMessage{1}), FromWorker(SegmentMessage{1, 1, {}}),
        FromWorker(LostMessage{1, R"({"type":"done",)"}), FromWorker(ProgressMessage{1, {}})})
    EXPECT_FALSE(is_last_line(line_of(message)));
}

TEST(Protocol, EndlessNumbersDoNotBreakALine) {
  const double endless = std::numeric_limits<double>::infinity();
  const auto progress =
      std::get<ProgressMessage>(over_the_wire(FromWorker(ProgressMessage{1, {endless, 1}})));
  EXPECT_EQ(progress.progress.media_seconds, 0);
}

TEST(Protocol, BrokenUtf8IsRefusedInPathsAndMendedInSentences) {
  RangeTask task;
  task.output_folder = "/out/\xff";
  const Result<std::string> line = line_of(ToWorker(TaskMessage{1, task}));
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.status().code(), Code::invalid_argument);
  const auto failed = std::get<FailedMessage>(
      over_the_wire(FromWorker(FailedMessage{1, Status(Code::corrupt_input, "title \xff")})));
  EXPECT_EQ(failed.status.message(), "title \xEF\xBF\xBD");
}

class Nonsense : public testing::TestWithParam<const char*> {};

TEST_P(Nonsense, IsRefused) {
  const Result<ToWorker> to = to_worker_from(GetParam());
  ASSERT_FALSE(to.ok());
  EXPECT_EQ(to.status().code(), Code::internal);
  EXPECT_THAT(to.status().message(), HasSubstr("worker protocol"));
  const Result<FromWorker> from = from_worker_from(GetParam());
  ASSERT_FALSE(from.ok());
  EXPECT_EQ(from.status().code(), Code::internal);
}

INSTANTIATE_TEST_SUITE_P(
    Protocol, Nonsense,
    testing::Values(
        "", "{", "[]", "null", "{}", R"({"type":"dance","id":1})", R"({"type":1,"id":1})",
        R"({"type":"cancel"})", R"({"type":"cancel","id":-1})", R"({"type":"cancel","id":1.5})",
        R"({"type":"cancel","id":18446744073709551615})", R"({"type":"cancel","id":1,"more":2})",
        R"({"type":"cancel","id":"1"})", R"({"type":"inspect","id":1,"url":7,"accept_damage":false})",
        R"({"type":"inspect","id":1,"url":"a"})", R"({"type":"inspect","id":1,"url":"a","accept_damage":1})",
        R"({"type":"output","id":1,"plan":{},"output":0,"output_folder":"/o","segments":{},"headers":{}})",
        R"({"type":"lost","id":1})", R"({"type":"lost","id":1,"sentence":["x"]})",
        R"({"type":"done","id":1,"end":{"end_segment":1,"end_of_source":true,"media_seconds":1,"cpu_seconds":1,
            "lost":["x",1],"peak_memory_bytes":1}})",
        R"({"type":"done","id":1,"end":{"end_segment":1,"end_of_source":true,"media_seconds":1,"cpu_seconds":1,
            "lost":"x","peak_memory_bytes":1}})",
        R"({"type":"refused","id":1,"number":1,"code":"ok","message":"","field":""})",
        R"({"type":"refused","id":1,"number":1,"code":"worse","message":"","field":""})",
        R"({"type":"range","id":1,"plan":{},"first_segment":0,"end_segment":1,"output_folder":"/o"})",
        R"({"type":"done","id":1})", R"({"type":"done","id":1,"end":{},"source":{}})",
        R"({"type":"done","id":1,"end":7})", R"({"type":"progress","id":1,"media_seconds":"x","frames":1})",
        R"({"type":"segment","id":1,"number":1,"segment":{}})", R"({"type":"ready","protocol":1})",
        "{\"type\":\"cancel\",\"id\":1}\n{\"type\":\"cancel\",\"id\":1}"));

}  // namespace
}  // namespace millrace::engine
