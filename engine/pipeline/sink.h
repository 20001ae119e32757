// Sink: where media flows to. A stage knows its sink and nothing else.
#pragma once

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/plan/hdr_metadata.h"

namespace millrace::engine {

template <class T>
class Sink {
 public:
  virtual ~Sink() = default;
  // Takes the item. May block while what follows is busy. A failure ends the stream: nothing may be pushed
  // after it.
  virtual Status push(T item) = 0;
  // No more items: everything that is still held goes on, then the next sink finishes. Called at most once.
  virtual Status finish() = 0;
};

// What an encoder makes, known before its first packet.
struct EncodedTrack {
  const AVCodecParameters* parameters =
      nullptr;              // extradata as the encoder gives it; libavformat's muxers make their boxes of it
  int reorder_frames = 0;   // video: how many frames a packet may come before its turn
  int priming_samples = 0;  // sound: how many samples the decoder gives before the first real one
  HdrMetadata hdr = {};     // video
};

// A sink that hears of its track first. `begin` is called once, before the first push; not at all for an
// empty track.
template <class T>
class TrackSink : public Sink<T> {
 public:
  virtual Status begin(const EncodedTrack& track) = 0;
};

}  // namespace millrace::engine
