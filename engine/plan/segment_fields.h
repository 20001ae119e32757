// The fields of a segment's record, for the .cpp files that read and write it (engine/job/json_archive.h).
#pragma once

#include "engine/job/json_archive.h"
#include "engine/plan/segment.h"

namespace millrace::engine {

template <class A, Is<FinishedSegment> T>
void fields(A& archive, T& segment) {
  archive("track", segment.track);
  archive("index", segment.index);
  archive("file", segment.file);
  archive("timescale", segment.timescale);
  archive("start", segment.start);
  archive("duration", segment.duration);
  archive("frames_in", segment.frames_in);
  archive("frames", segment.frames);
  archive("last_pts", segment.last_pts);
  archive("bytes", segment.bytes);
  archive("sha256", segment.sha256);
  archive("opens_with_idr", segment.opens_with_idr);
  archive.maybe("sound_cut_at", segment.sound_cut_at);
  archive.maybe("headers", segment.headers);
  archive.maybe("key_frames_only", segment.key_frames_only);
}

}  // namespace millrace::engine
