#include "engine/pipeline/file_tracks.h"

#include <algorithm>
#include <limits>
#include <new>

namespace millrace::engine {

class FileTracks::Entry final : public TrackSink<PacketPtr> {
 public:
  Entry(FileTracks& file, TrackLook look) : file_(file), look_(std::move(look)) {}

  Status begin(const EncodedTrack& track) override {
    parameters_.reset(avcodec_parameters_alloc());
    if (!parameters_) throw std::bad_alloc();
    if (const int error = avcodec_parameters_copy(parameters_.get(), track.parameters); error < 0)
      return av_status(error, file_.target_.native());
    priming_ = track.priming_samples;
    hdr_ = track.hdr;
    return file_.open_if_ready();
  }
  Status push(PacketPtr packet) override {
    time_ = static_cast<double>(packet->dts) * av_q2d(look_.time_base);
    return file_.write(*this, std::move(packet));
  }
  Status finish() override {
    finished_ = true;
    time_ = std::numeric_limits<double>::infinity();
    return file_.open_if_ready();
  }

  bool begun() const { return parameters_ != nullptr; }
  bool finished() const { return finished_; }
  bool awaited() const { return !begun() && !finished_; }
  bool is_sound() const { return parameters_->codec_type == AVMEDIA_TYPE_AUDIO; }
  double time() const { return time_; }
  FileTrack described(bool is_default) const {
    FileTrack track;
    track.parameters = parameters_.get();
    track.time_base = look_.time_base;
    track.language = look_.language;
    track.is_default = is_default;
    track.frame_rate = look_.frame_rate;
    track.priming_samples = priming_;
    track.hdr = hdr_;
    track.like = look_.like;
    return track;
  }

  std::size_t number = 0;  // in the file

 private:
  FileTracks& file_;
  const TrackLook look_;
  ParametersPtr parameters_;
  int priming_ = 0;
  HdrMetadata hdr_;
  bool finished_ = false;
  double time_ = -std::numeric_limits<double>::infinity();
};

FileTracks::FileTracks(std::filesystem::path target, std::string_view muxer,
                       std::map<std::string, std::string> tags)
    : target_(std::move(target)), format_(muxer), tags_(std::move(tags)) {}
FileTracks::~FileTracks() = default;

TrackSink<PacketPtr>& FileTracks::add(const TrackLook& look) {
  entries_.push_back(std::make_unique<Entry>(*this, look));
  return *entries_.back();
}

double FileTracks::time_of(std::size_t track) const { return entries_[track]->time(); }
bool FileTracks::finished(std::size_t track) const { return entries_[track]->finished(); }

Status FileTracks::open_if_ready() {
  if (muxer_ ||
      std::any_of(entries_.begin(), entries_.end(), [](const auto& each) { return each->awaited(); }))
    return {};
  std::vector<FileTrack> tracks;
  bool has_pictures = false;
  bool has_sound = false;
  for (const auto& entry : entries_) {
    if (!entry->begun()) continue;
    bool& has_kind = entry->is_sound() ? has_sound : has_pictures;
    entry->number = tracks.size();
    tracks.push_back(entry->described(!has_kind));
    has_kind = true;
  }
  if (tracks.empty()) return {};
  auto muxer = FileMuxer::open(target_, format_, tracks, tags_);
  if (!muxer.ok()) return muxer.status();
  muxer_ = std::move(*muxer);
  for (; !held_.empty(); held_.pop_front())
    if (Status status = muxer_->write(held_.front().first->number, *held_.front().second); !status.ok())
      return status;
  return {};
}

Status FileTracks::write(Entry& entry, PacketPtr packet) {
  if (muxer_) return muxer_->write(entry.number, *packet);
  held_.emplace_back(&entry, std::move(packet));
  return {};
}

Status FileTracks::finish() {
  if (!muxer_)
    return {Code::unsupported, "there is nothing to write: no picture and no sound lies in the wanted time"};
  return muxer_->finish();
}

}  // namespace millrace::engine
