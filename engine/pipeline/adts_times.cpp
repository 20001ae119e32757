#include "engine/pipeline/adts_times.h"

#include <array>
#include <cstdlib>
#include <optional>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

struct AdtsFrame {
  int sample_rate = 0;
  int samples = 0;
};

std::optional<AdtsFrame> adts_frame(const AVPacket& packet) {
  constexpr std::array kRates = {96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                 22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
  constexpr int kHeader = 7;
  constexpr int kSamples = 1024;  // of a raw data block
  if (packet.size < kHeader) return std::nullopt;
  const std::uint8_t* data = packet.data;
  const int length = (data[3] & 0x03) << 11 | data[4] << 3 | data[5] >> 5;
  const auto rate = static_cast<std::size_t>(data[2] >> 2 & 0x0f);
  if (data[0] != 0xff || (data[1] & 0xf6) != 0xf0 || length != packet.size || rate >= kRates.size())
    return std::nullopt;
  return AdtsFrame{kRates[rate], kSamples * ((data[6] & 0x03) + 1)};
}

}  // namespace

void AdtsTimes::mend(AVPacket& packet, AVRational time_base) {
  const auto frame = adts_frame(packet);
  if (!frame || packet.pts == AV_NOPTS_VALUE || packet.dts != packet.pts) return;
  // Its counting has fractions of the time base that the duration leaves out.
  const bool is_said = counted_on_ == AV_NOPTS_VALUE || std::abs(packet.pts - counted_on_) > 1;
  counted_on_ = packet.pts + packet.duration;
  const std::int64_t duration = av_rescale_q(frame->samples, {1, frame->sample_rate}, time_base);
  if (is_said || (!moved_ && std::abs(duration - packet.duration) <= 1)) {
    said_ = packet.pts;
    samples_ = 0;
    moved_ = false;
  } else if (rate_ != frame->sample_rate) {
    said_ += av_rescale_q(samples_, {1, rate_}, time_base);
    samples_ = 0;
  }
  rate_ = frame->sample_rate;
  const std::int64_t time = said_ + av_rescale_q(samples_, {1, rate_}, time_base);
  samples_ += frame->samples;
  if (std::abs(duration - packet.duration) > 1) {
    packet.duration = duration;
    moved_ = true;
  }
  packet.pts = packet.dts = time;
}

}  // namespace millrace::engine
