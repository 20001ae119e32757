#include "engine/pipeline/file_one_go.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/file_feeds.h"
#include "engine/pipeline/file_staging.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/open_track.h"
#include "engine/pipeline/task_meter.h"

namespace millrace::engine {
namespace {

// What people look for in a file of their own; dates and names of programs stay behind.
constexpr const char* kTags[] = {"title",   "artist", "album", "album_artist", "composer",  "date",
                                 "comment", "genre",  "track", "disc",         "copyright", "description"};

// The source's title and the like. Some containers (Ogg) keep them with the track.
Result<std::map<std::string, std::string>> tags_of(const Plan& plan, const std::stop_token& stop) {
  auto input = MediaInput::open(plan.source.url, stop);
  if (!input.ok()) return input.status();
  std::map<std::string, std::string> tags;
  const auto take = [&](const AVDictionary* from) {
    for (const char* key : kTags)
      if (const AVDictionaryEntry* entry = av_dict_get(from, key, nullptr, 0))
        tags.emplace(key, entry->value);
  };
  const AVFormatContext& format = (*input)->format();
  take(format.metadata);
  if (format.nb_streams == 1) take(format.streams[0]->metadata);
  return tags;
}

class OneGo {
 public:
  OneGo(const OutputTask& task, TaskObserver& observer, std::stop_token stop)
      : task_(task),
        plan_(task.plan),
        output_(task.plan.outputs[task.output]),
        file_(*output_.in_one_go),
        observer_(observer),
        stop_(std::move(stop)),
        backend_(make_software_backend()),
        damage_(plan_.accept_damage, [this](const std::string& sentence) { observer_.lost(sentence); }),
        staged_(task.output_folder, output_.path) {}

  Result<TaskEnd> run() {
    if (Status status = staged_.prepare(); !status.ok()) return status;
    if (Status status = wire(); !status.ok()) return status.under(output_.name);
    if (Status status = feed(); !status.ok()) return status.under(output_.name);
    if (Status status = close(); !status.ok()) return status.under(output_.name);
    TaskEnd end;
    end.end_segment = 1;
    end.end_of_source = true;
    end.media_seconds = feeds_.front()->seconds();
    end.lost = damage_.sentences();
    end.cpu_seconds = meter_.cpu_seconds();
    end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
    return end;
  }

 private:
  bool is_alone() const { return output_.type == PlannedOutput::Type::audio; }
  std::string_view format() const {
    return is_alone() ? muxer_name(output_.audio_container) : muxer_name(output_.container);
  }

  bool has_edit_lists() const {
    return !is_alone() && (output_.container == Container::mp4 || output_.container == Container::mov);
  }

  Status wire() {
    const bool trimmed = plan_.trim_from > 0 || plan_.trim_to > 0;
    if (trimmed && (file_.copy_video || file_.copy_audio))
      return {Code::invalid_argument,
              "what is copied cannot be trimmed to the frame; ask for a codec instead"};
    auto tags = tags_of(plan_, stop_);
    if (!tags.ok()) return tags.status();
    tracks_ = std::make_unique<FileTracks>(staged_.staging(), format(), std::move(tags).value());
    const FeedContext context{plan_, *backend_, damage_, *tracks_, stop_};
    if (file_.copy_video && plan_.source.main_video() != nullptr) {
      const VideoTrack& video = *plan_.source.main_video();
      auto input = open_track(plan_.source, video.index, AVMEDIA_TYPE_VIDEO, stop_);
      if (Status s = add(feed_copy(context, std::move(input), video.language, false)); !s.ok()) return s;
    } else if (file_.picture) {
      if (Status s = add(feed_pictures(context, *file_.picture)); !s.ok()) return s;
    }
    if (file_.sound) {
      if (Status s = add(sound(context, *file_.sound)); !s.ok()) return s;
    }
    if (feeds_.empty()) return {Code::invalid_argument, "the plan has neither picture nor sound for it"};
    return {};
  }

  Result<std::unique_ptr<TrackFeed>> sound(const FeedContext& context, const PlannedSound& sound) {
    if (!file_.copy_audio) return feed_sound(context, sound, is_alone());
    const auto& tracks = plan_.source.audio;
    const auto track = static_cast<std::size_t>(sound.source_track);
    if (sound.source_track < 0 || track >= tracks.size())
      return Status(Code::invalid_argument, fmt::format("the source has no sound {}", sound.source_track));
    return feed_copy(context, open_sound_track(plan_.source, tracks[track], stop_), sound.language,
                     is_alone());
  }

  Status add(Result<std::unique_ptr<TrackFeed>> feed) {
    if (!feed.ok()) return feed.status();
    feeds_.push_back(std::move(feed).value());
    return {};
  }

  // Always the track that is behind, so that little is held for the others.
  Status feed() {
    double told = 0;
    while (true) {
      if (stop_.stop_requested()) return {Code::cancelled, "stopped on request"};
      std::size_t behind = 0;
      for (std::size_t at = 1; at < feeds_.size(); ++at)
        if (tracks_->time_of(at) < tracks_->time_of(behind)) behind = at;
      if (tracks_->finished(behind)) return tracks_->finish();
      const Result<bool> more = feeds_[behind]->step();
      if (!more.ok()) return more.status();
      if (feeds_.front()->seconds() < told + 1) continue;
      told = feeds_.front()->seconds();
      observer_.progress({told, feeds_.front()->frames()});
    }
  }

  Status close() {
    const std::vector<WrittenTrack>& written = tracks_->written();
    std::vector<ExpectedTrack> expected;
    for (const WrittenTrack& track : written) {
      const bool copied = track.sound ? file_.copy_audio : file_.copy_video;
      if (copied && track.hidden > 0 && output_.container != Container::mp4 &&
          output_.container != Container::mov)
        return {Code::unsupported,
                fmt::format("{}: its edit list hides its first {} pictures, which only mp4 and mov can say; "
                            "choose one of them, or a codec instead of copy",
                            plan_.source.url, track.hidden)};
      expected.push_back(copied ? expected_of_copy(track) : expected_of(track));
    }
    const bool only_copied = (file_.copy_video || !file_.picture) && (file_.copy_audio || !file_.sound);
    DecodeSettings settings;
    settings.threads = plan_.decoder_threads;
    settings.accept_damage = plan_.accept_damage && only_copied;
    Result<FinishedSegment> record = staged_.finish(written, expected, settings, stop_);
    if (!record.ok()) return only_copied ? about_copy(record.status()) : record.status();
    for (const auto& feed : feeds_)
      if (const auto at = feed->sound_cut_at())
        record->sound_cut_at = std::llround(*at * static_cast<double>(record->timescale));
    return observer_.segment_finished(*record);
  }

  // What fails in a copy is the source's.
  Status about_copy(const Status& status) const {
    if (status.code() == Code::corrupt_input)
      return {status.code(),
              fmt::format("{}; so what was copied from {} is damaged; upload or record it again",
                          status.message(), plan_.source.url)};
    if (status.code() == Code::internal)
      return {Code::unsupported,
              fmt::format("{}; a copy of {} does not play as the source does; ask for a codec "
                          "instead of copy",
                          status.message(), plan_.source.url)};
    return status;
  }

  // Packets come out as they went in; how many pictures or samples they hold is the source's affair.
  ExpectedTrack expected_of_copy(const WrittenTrack& track) const {
    ExpectedTrack expected = expected_of(track);
    expected.only_there = plan_.accept_damage;
    // The edit lists of these hide what lies before 0; others move all tracks on.
    if (has_edit_lists()) expected.first_seconds = std::max(expected.first_seconds, 0.0);
    const bool is_pcm = av_get_exact_bits_per_sample(track.codec) > 0;
    if (is_pcm) return expected;  // cut into other packets by every demuxer
    expected.packets = track.packets;
    if (track.sound) {
      expected.least = 0;
      expected.most = std::numeric_limits<std::int64_t>::max();
      // Some decoders give nothing for the first packet, whatever it holds.
      expected.priming_seconds = 2.0 * std::max(track.frame_samples, 1024) / track.sample_rate;
      return expected;
    }
    // A packet may hold one field, or a picture that is never shown.
    expected.count = expected.most = track.packets - track.hidden;
    const bool whole_pictures = !plan_.source.main_video()->interlaced && track.codec != AV_CODEC_ID_VP8 &&
                                track.codec != AV_CODEC_ID_MPEG4;
    if (!whole_pictures) expected.count = expected.count / 2;
    expected.least = expected.count;
    if (!whole_pictures && output_.container == Container::ts) expected.packets = 0;
    return expected;
  }

  const OutputTask& task_;
  const Plan& plan_;
  const PlannedOutput& output_;
  const PlannedFile& file_;
  TaskObserver& observer_;
  const std::stop_token stop_;
  TaskMeter meter_;
  std::unique_ptr<Backend> backend_;
  DamageLog damage_;
  StagedFile staged_;
  std::unique_ptr<FileTracks> tracks_;  // before the feeds, which end in it
  std::vector<std::unique_ptr<TrackFeed>> feeds_;
};

}  // namespace

Result<TaskEnd> run_one_go(const OutputTask& task, TaskObserver& observer, std::stop_token stop) {
  return OneGo(task, observer, std::move(stop)).run();
}

}  // namespace millrace::engine
