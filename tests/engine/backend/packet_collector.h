// A sink that keeps an encoder's packets.
#pragma once

#include <new>
#include <string>
#include <vector>

#include "engine/pipeline/sink.h"

namespace millrace::engine {

class PacketCollector final : public TrackSink<PacketPtr> {
 public:
  Status begin(const EncodedTrack& track) override {
    parameters.reset(avcodec_parameters_alloc());
    if (!parameters || avcodec_parameters_copy(parameters.get(), track.parameters) < 0)
      throw std::bad_alloc();
    reorder_frames = track.reorder_frames;
    hdr = track.hdr;
    priming_samples = track.priming_samples;
    extradata.assign(reinterpret_cast<const char*>(track.parameters->extradata),
                     static_cast<std::size_t>(track.parameters->extradata_size));
    return {};
  }
  Status push(PacketPtr packet) override {
    packets.push_back(std::move(packet));
    return {};
  }
  Status finish() override {
    finished = true;
    return {};
  }
  std::vector<std::int64_t> key_times() const {
    std::vector<std::int64_t> times;
    for (const auto& packet : packets)
      if ((packet->flags & AV_PKT_FLAG_KEY) != 0) times.push_back(packet->pts);
    return times;
  }

  int reorder_frames = -1;
  int priming_samples = -1;
  ParametersPtr parameters;
  HdrMetadata hdr;
  std::string extradata;
  std::vector<PacketPtr> packets;
  bool finished = false;
};

}  // namespace millrace::engine
