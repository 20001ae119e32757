#include "engine/pipeline/loudness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {
namespace {

constexpr double kSilenceLufs = -70;  // BS.1770's absolute gate
// The filter reports every 100 ms: silence of that length brings out the last part too.
constexpr const char* kMeter = "apad=pad_dur=0.1,ebur128=peak=true:metadata=1";
// Peaks between the samples are found at four times the rate; coming back to it lifts them a little again.
constexpr int kOversampling = 4;
constexpr double kLimiterMarginDb = 0.3;

double from_db(double db) { return std::pow(10.0, db / 20); }

}  // namespace

// Reads what the filter wrote onto its frames; each holds the figures of all sound so far.
class LoudnessMeter::Reader final : public Sink<FramePtr> {
 public:
  Status push(FramePtr frame) override {
    if (const auto lufs = figure(*frame, "lavfi.r128.I"))
      loudness_.integrated_lufs = std::max(*lufs, kSilenceLufs);
    for (int channel = 0; channel < frame->ch_layout.nb_channels; ++channel) {
      const auto peak = figure(*frame, fmt::format("lavfi.r128.true_peaks_ch{}", channel).c_str());
      if (peak && *peak > 0)
        loudness_.true_peak_db = std::max(loudness_.true_peak_db, 20 * std::log10(*peak));
    }
    return {};
  }
  Status finish() override { return {}; }
  const Loudness& loudness() const { return loudness_; }

 private:
  static std::optional<double> figure(const AVFrame& frame, const char* key) {
    const AVDictionaryEntry* entry = av_dict_get(frame.metadata, key, nullptr, 0);
    if (entry == nullptr) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(entry->value, &end);
    return end == entry->value || !std::isfinite(value) ? std::nullopt : std::optional(value);
  }

  Loudness loudness_;
};

LoudnessMeter::LoudnessMeter(int sample_rate)
    : sample_rate_(sample_rate), reader_(std::make_unique<Reader>()) {
  FilterStage::Settings settings;
  settings.chain = kMeter;
  settings.time_base = {1, sample_rate};
  meter_ = std::make_unique<FilterStage>(std::move(settings), *reader_);
}
LoudnessMeter::~LoudnessMeter() = default;

Status LoudnessMeter::push(FramePtr frame) {
  samples_ += frame->nb_samples;
  return meter_->push(std::move(frame));
}

Status LoudnessMeter::finish() { return meter_->finish(); }

Loudness LoudnessMeter::loudness() const {
  Loudness found = reader_->loudness();
  if (10 * samples_ < 4 * sample_rate_) found.integrated_lufs = kSilenceLufs;  // the one block was filled up
  return found;
}

std::string loudness_chain(const Loudness& measured, int sample_rate) {
  if (measured.integrated_lufs <= kSilenceLufs) return {};
  const double gain_db = kTargetLufs - measured.integrated_lufs;
  std::string chain = fmt::format("volume={:.3f}dB:precision=float", gain_db);
  if (measured.true_peak_db + gain_db <= kHighestTruePeakDb) return chain;
  // `level` would lift everything back to full scale; `latency` keeps the sound in its place.
  return chain + fmt::format(
                     ",aresample={},alimiter=limit={:.4f}:attack=5:release=50:level=false:latency=true,"
                     "aresample={}",
                     kOversampling * sample_rate, from_db(kHighestTruePeakDb - kLimiterMarginDb),
                     sample_rate);
}

}  // namespace millrace::engine
