#include "engine/pipeline/segment_queue.h"

#include <gmock/gmock.h>

#include <future>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

CodedSegment segment(std::int64_t index) {
  CodedSegment made;
  made.index = index;
  return made;
}

// Holds its first segment until it is let go, then takes it or fails.
class HeldWriter final : public TrackSink<CodedSegment> {
 public:
  Status begin(const EncodedTrack& track) override {
    reorder_frames = track.reorder_frames;
    return {};
  }
  Status push(CodedSegment segment) override {
    if (written.empty()) {
      entered.set_value();
      if (Status status = go.get_future().get(); !status.ok()) return status;
    }
    written.push_back(segment.index);
    return {};
  }
  Status finish() override {
    finished = true;
    return {};
  }

  std::promise<void> entered;
  std::promise<Status> go;
  int reorder_frames = -1;
  std::vector<std::int64_t> written;
  bool finished = false;
};

TEST(SegmentQueue, LetsTheEncoderGoOnWhileASegmentIsWritten) {
  FirstFailure failure;
  HeldWriter writer;
  SegmentQueue queue(writer, failure);
  EncodedTrack track;
  track.reorder_frames = 2;
  ASSERT_TRUE(queue.begin(track).ok());
  EXPECT_EQ(writer.reorder_frames, 2);
  ASSERT_TRUE(queue.push(segment(7)).ok());
  writer.entered.get_future().wait();
  // Comes back although the writer holds the one before.
  ASSERT_TRUE(queue.push(segment(8)).ok());
  writer.go.set_value({});
  ASSERT_TRUE(queue.push(segment(9)).ok());
  ASSERT_TRUE(queue.finish().ok());
  EXPECT_THAT(writer.written, ElementsAre(7, 8, 9));
  EXPECT_TRUE(writer.finished);
}

TEST(SegmentQueue, TellsTheWritersFailureToTheTaskAndToTheEncoder) {
  FirstFailure failure;
  HeldWriter writer;
  SegmentQueue queue(writer, failure);
  ASSERT_TRUE(queue.push(segment(0)).ok());
  writer.go.set_value(Status(Code::io_error, "the disk is full"));
  Status status;
  while (status.ok()) status = queue.push(segment(1));
  EXPECT_EQ(status.message(), "the disk is full");
  EXPECT_EQ(queue.finish().code(), Code::io_error);
  EXPECT_EQ(failure.status().code(), Code::io_error);
  EXPECT_FALSE(writer.finished);
}

TEST(SegmentQueue, IsGivenUpWithoutAFinish) {
  FirstFailure failure;
  HeldWriter writer;
  {
    SegmentQueue queue(writer, failure);
    ASSERT_TRUE(queue.push(segment(0)).ok());
    writer.go.set_value({});
    writer.entered.get_future().wait();
  }
  EXPECT_FALSE(writer.finished);
}

}  // namespace
}  // namespace millrace::engine
