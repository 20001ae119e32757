// The words between the pool and a worker: one JSON object a line, both ways. Plain data and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/status.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/segment.h"
#include "engine/plan/source.h"
#include "engine/verify/likeness.h"

namespace millrace::engine {

// Both ends refuse a line that is longer: no plan or source comes near it.
constexpr std::size_t kMaxLineBytes = std::size_t{4} << 20;

// Both ends must speak the same: a program replaced under a running daemon is found out by the worker's first
// line.
constexpr int kProtocolVersion = 6;

// ---- to the worker ----

struct InspectTask {
  std::string url;
  bool accept_damage = false;
};
// As compare_pictures().
struct CompareTask {
  std::filesystem::path track;
  std::filesystem::path reference;
};
using Task = std::variant<InspectTask, RangeTask, SoundTask, OutputTask, FilmTask, CompareTask>;
// What a task gives: a look a source, a comparison a likeness, all others their end.
using TaskResult = std::variant<TaskEnd, Source, Likeness>;

// `id` names the task in every line about it; ids are not used twice in one worker's life.
struct TaskMessage {
  std::uint64_t id = 0;
  Task task;
};
struct CancelMessage {
  std::uint64_t id = 0;
};
// The task is to end at the next segment's edge, as TaskObserver::enough() has it.
struct EnoughMessage {
  std::uint64_t id = 0;
};
// The answer to SegmentMessage `number`: ok once the segment is booked, else why it could not be.
struct SegmentAnswer {
  std::uint64_t id = 0;
  std::uint64_t number = 0;
  Status status;
};
using ToWorker = std::variant<TaskMessage, CancelMessage, EnoughMessage, SegmentAnswer>;

// ---- from the worker ----

// The first line of a worker's life.
struct ReadyMessage {
  int protocol = kProtocolVersion;
  std::string version;  // of the program
};
// A worker has the task in hand: what happens to it from here on happens to the task.
struct TakenMessage {
  std::uint64_t id = 0;
};
struct SegmentMessage {
  std::uint64_t id = 0;
  std::uint64_t number = 0;  // counts the segments of the task, from 1
  FinishedSegment segment;
};
// What damage took, before the segment it fell into.
struct LostMessage {
  std::uint64_t id = 0;
  std::string sentence;
};
struct ProgressMessage {
  std::uint64_t id = 0;
  TaskProgress progress;
};
// How much media work this worker has done since its process began, as work_done() counts it: said while that
// grows, so that one who says nothing is stuck.
struct WorkMessage {
  std::uint64_t id = 0;
  std::int64_t done = 0;
};
// The last line about a task: what it gave, or why it failed.
struct DoneMessage {
  std::uint64_t id = 0;
  TaskResult result;
};
struct FailedMessage {
  std::uint64_t id = 0;
  Status status;
};
using FromWorker = std::variant<ReadyMessage, TakenMessage, SegmentMessage, LostMessage, ProgressMessage,
                                WorkMessage, DoneMessage, FailedMessage>;

// The line with its newline. invalid_argument when a name in it is not UTF-8, for JSON cannot carry it.
Result<std::string> line_of(const ToWorker& message);
// Sentences that are not UTF-8 (they may quote a source) come out with U+FFFD in place of the broken bytes.
std::string line_of(const FromWorker& message);

// Whether a worker's line, as line_of() writes it, is the last about its task (done, failed); without reading
// it.
bool is_last_line(std::string_view line);

// Strict: internal, with the reason, for anything but exactly one known message with exactly its fields.
Result<ToWorker> to_worker_from(std::string_view line);
Result<FromWorker> from_worker_from(std::string_view line);

}  // namespace millrace::engine
