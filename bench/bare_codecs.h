// The codecs alone: what it costs to decode a file and to encode its pictures as a plan says, with no
// pipeline around. CPU time is that of this process: nothing else may run in it meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>

#include "bench/rendition_files.h"
#include "bench/stop_flag.h"
#include "engine/base/status.h"
#include "engine/plan/plan.h"

namespace millrace::bench {

struct DecodeCost {
  double cpu_seconds = 0;
  std::int64_t pictures = 0;
};

// Reads the file and decodes its pictures with so many threads, by the calls of libavformat and libavcodec
// and no more; the pictures are thrown away. Blocks. cancelled after a stop; else as av_status() says.
engine::Result<DecodeCost> decode_alone(const std::filesystem::path& file, int threads, const StopFlag& stop);

struct EncodeCost {
  double scale_seconds = 0;   // CPU time; next to nothing for pictures that have the rendition's size
  double encode_seconds = 0;  // CPU time of the encoder, with all of its threads
  std::int64_t packets = 0;
};

// One rendition: each picture of the file, which is the plan's source, is decoded and scaled on the calling
// thread, whose clock tells that apart from the encoder. Packets are thrown away. The encoder is opened and
// fed by the stage that a job has, whose own work is some comparisons a picture. Blocks; fails as
// decode_alone() does.
engine::Result<EncodeCost> encode_alone(const engine::Plan& plan, const engine::PlannedRendition& rendition,
                                        const std::filesystem::path& file, const StopFlag& stop);

// CPU seconds that a rendition's finished segments take to be looked at as a job does before they count, on
// the calling thread. Blocks; cancelled after a stop, else as SegmentCheck fails, with the file.
engine::Result<double> check_alone(const engine::Plan& plan, const engine::PlannedRendition& rendition,
                                   const RenditionFiles& files, const StopFlag& stop);

}  // namespace millrace::bench
