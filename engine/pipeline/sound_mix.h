// SoundMix brings decoded sound to one rate and to the planned channels, however often the source changes its
// own on the way: what comes after it sees one kind of sound and counts one kind of sample. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

class SoundMix final : public Sink<FramePtr> {
 public:
  struct Settings {
    AVRational time_base{1, 90'000};  // of the timestamps that come in
    std::int64_t origin = 0;          // where sound begins that has no timestamp, in time_base
    int sample_rate = 48'000;         // that comes out
    int channels = 2;                 // mono, stereo or 5.1 (6)
  };
  // Frames come as a decoder gives them and go out as planar float, of any length; their pts count samples on
  // the source's clock, with its gaps and jumps. A frame without a timestamp follows the one before.
  SoundMix(const Settings& settings, Sink<FramePtr>& out);

  Status push(FramePtr frame) override;
  Status finish() override { return filter_.finish(); }

 private:
  std::int64_t time_of(const AVFrame& frame);

  const Settings settings_;
  FilterStage filter_;
  std::int64_t anchor_;     // a time that the source said, in its time base
  std::int64_t since_ = 0;  // samples after it
  int rate_ = 0;            // of those
};

// Whether libswresample knows how to mix that layout down or up: speakers in FFmpeg's own order, one of them
// in front, none of a pair without the other.
bool can_be_mixed(const AVChannelLayout& layout);

// The libavfilter text that makes so many channels (1, 2 or 6) at this rate of any decoded sound. Surround is
// mixed down as ITU-R BS.775 has it (centre and surrounds at -3 dB, no LFE), the sum turned down so far that
// it can not clip.
std::string mixing_chain(int sample_rate, int channels);

}  // namespace millrace::engine
