#include "engine/package/file_muxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "engine/base/work_count.h"
#include "engine/package/parameter_sets.h"
#include "engine/pipeline/hdr_metadata.h"

extern "C" {
#include <libavutil/intreadwrite.h>
}

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// How long before its decode time a transport stream's packet may come, in microseconds (as FFmpeg's own
// tools).
constexpr int kTransportDelay = 700'000;

struct Options {
  AVDictionary* entries = nullptr;
  Options() = default;
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { av_dict_free(&entries); }
  void set(const char* key, const char* value) { av_dict_set(&entries, key, value, 0); }
  void set(const char* key, std::int64_t value) { av_dict_set_int(&entries, key, value, 0); }
};

// One picture, as the identification header has it (Theora specification §6.2): granule positions count
// pictures, so that is the time base.
std::optional<AVRational> theora_time_base(const AVCodecParameters& parameters) {
  const std::string_view headers(reinterpret_cast<const char*>(parameters.extradata),
                                 static_cast<std::size_t>(parameters.extradata_size));
  const std::size_t at = headers.find("\x80theora");
  if (at == std::string_view::npos || headers.size() < at + 30) return std::nullopt;
  const std::uint8_t* header = parameters.extradata + at;
  const AVRational base{static_cast<int>(AV_RB32(header + 26)), static_cast<int>(AV_RB32(header + 22))};
  return base.num > 0 && base.den > 0 ? std::optional(base) : std::nullopt;
}

// A language as libavformat's table of QuickTime's numbers spells it; others are as they are.
std::string_view quicktime_language(std::string_view language) {
  constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
      {"deu", "ger"}, {"fre", "fra"}, {"nld", "dut"}, {"swe", "sve"}, {"ell", "gre"},
      {"isl", "ice"}, {"zho", "chi"}, {"rum", "ron"}, {"cze", "ces"}, {"slo", "slk"}};
  for (const auto& [code, spelling] : kSpellings)
    if (code == language) return spelling;
  return language;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  for (const std::string_view each : names)
    if (each == name) return true;
  return false;
}

// What containers say beside the coded frames and players need: the turn, HDR, projections.
void copy_side_data(const AVStream& from, AVStream& to) {
  for (const AVPacketSideDataType type :
       {AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
        AV_PKT_DATA_DOVI_CONF, AV_PKT_DATA_STEREO3D, AV_PKT_DATA_SPHERICAL}) {
    const std::string_view bytes = side_data_of(from, type);
    if (!bytes.empty() && side_data_of(to, type).empty()) add_side_data(to, type, bytes);
  }
}

// Tags belong to a container. hvc1 because Apple's players take nothing else; avc3 and hev1 say that samples
// hold parameter sets (ISO/IEC 14496-15 §5.4.2, §8.4.1), AV1 has no such difference.
std::uint32_t sample_entry(std::string_view muxer, AVCodecID codec, bool headers_in_band) {
  if (!is_one_of(muxer, {"mp4", "mov", "ipod"})) return 0;
  if (codec == AV_CODEC_ID_HEVC)
    return headers_in_band ? MKTAG('h', 'e', 'v', '1') : MKTAG('h', 'v', 'c', '1');
  return codec == AV_CODEC_ID_H264 && headers_in_band ? MKTAG('a', 'v', 'c', '3') : 0;
}

// The headers ahead, of a track that has others too: a transport stream has none ahead.
void set_open_configuration(std::string_view muxer, AVCodecParameters& parameters) {
  const std::string box = muxer == "mpegts" ? std::string() : open_configuration(parameters);
  av_freep(&parameters.extradata);
  parameters.extradata_size = 0;
  if (box.empty()) return;
  parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(box.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (parameters.extradata == nullptr) throw std::bad_alloc();
  std::memcpy(parameters.extradata, box.data(), box.size());
  parameters.extradata_size = static_cast<int>(box.size());
}

void note(WrittenTrack& track, const AVPacket& packet) {
  ++track.packets;
  if (!track.sound && (packet.flags & AV_PKT_FLAG_DISCARD) != 0 && packet.pts < 0) {
    ++track.hidden;
    return;
  }
  std::int64_t first = packet.pts;
  if (track.priming_samples > 0)
    first += av_rescale_q(track.priming_samples, {1, track.sample_rate}, track.time_base);
  if (track.packets == track.hidden + 1) track.last_pts = track.end = track.first_pts = first;
  track.first_pts = std::min(track.first_pts, first);
  track.last_pts = std::max(track.last_pts, packet.pts);
  track.end = std::max(track.end, packet.pts + packet.duration);
}

}  // namespace

std::int64_t WrittenTrack::samples() const {
  return sound ? av_rescale_q(end - first_pts, time_base, {1, sample_rate}) : 0;
}

std::string_view muxer_name(Container container) {
  switch (container) {
    case Container::mp4:
      return "mp4";
    case Container::mov:
      return "mov";
    case Container::mkv:
      return "matroska";
    case Container::webm:
      return "webm";
    case Container::ogg:
      return "ogg";
    case Container::ts:
      return "mpegts";
  }
  return {};
}

std::string_view muxer_name(AudioContainer container) {
  switch (container) {
    case AudioContainer::m4a:
      return "ipod";
    case AudioContainer::mp3:
      return "mp3";
    case AudioContainer::ogg:
      return "ogg";
    case AudioContainer::opus:
      return "opus";
    case AudioContainer::flac:
      return "flac";
    case AudioContainer::wav:
      return "wav";
  }
  return {};
}

Result<std::unique_ptr<FileMuxer>> FileMuxer::open(const fs::path& target, std::string_view muxer,
                                                   const std::vector<FileTrack>& tracks,
                                                   const std::map<std::string, std::string>& tags) {
  // "file:" makes a name of whatever characters a file.
  const std::string url = "file:" + target.native();
  AVFormatContext* made = nullptr;
  if (const int error =
          avformat_alloc_output_context2(&made, nullptr, std::string(muxer).c_str(), url.c_str());
      error < 0)
    return av_status(error, target.native());
  std::unique_ptr<FileMuxer> file(new FileMuxer(target, MuxerPtr(made)));
  made->flags |= AVFMT_FLAG_BITEXACT;  // no dates, no versions, no random numbers
  for (const auto& [key, value] : tags) av_dict_set(&made->metadata, key.c_str(), value.c_str(), 0);
  for (const FileTrack& track : tracks)
    if (Status status = file->add(track); !status.ok()) return status;
  if (made->nb_streams == 0) return Status(Code::invalid_argument, target.native() + ": no track to write");
  if (Status status = file->begin(); !status.ok()) return status;
  return file;
}

Status FileMuxer::add(const FileTrack& track) {
  const AVCodecParameters& parameters = *track.parameters;
  const std::string_view muxer = muxer_->oformat->name;
  if (avformat_query_codec(muxer_->oformat, parameters.codec_id, FF_COMPLIANCE_NORMAL) == 0)
    return {Code::unsupported, fmt::format("{}: a file of type {} cannot hold {}; choose another container",
                                           target_.native(), muxer, avcodec_get_name(parameters.codec_id))};
  AVStream* stream = avformat_new_stream(muxer_.get(), nullptr);
  if (stream == nullptr) return av_status(AVERROR(ENOMEM), target_.native());
  if (const int error = avcodec_parameters_copy(stream->codecpar, &parameters); error < 0)
    return av_status(error, target_.native());
  stream->codecpar->codec_tag = sample_entry(muxer, parameters.codec_id, track.headers_in_band);
  if (track.headers_in_band) set_open_configuration(muxer, *stream->codecpar);
  stream->time_base = track.time_base;
  if (parameters.codec_id == AV_CODEC_ID_THEORA)
    stream->time_base = theora_time_base(parameters).value_or(track.time_base);
  stream->sample_aspect_ratio = parameters.sample_aspect_ratio;
  if (track.frame_rate.known()) stream->avg_frame_rate = to_av(track.frame_rate);
  if (track.is_default) stream->disposition |= AV_DISPOSITION_DEFAULT;
  if (!track.language.empty()) {
    // Containers of one sound have no tracks to speak of; their language is the file's.
    AVDictionary*& place = is_one_of(muxer, {"mp3", "flac", "wav"}) ? muxer_->metadata : stream->metadata;
    const std::string language(muxer == "mov" ? quicktime_language(track.language) : track.language);
    av_dict_set(&place, "language", language.c_str(), 0);
  }
  const bool sound = parameters.codec_type == AVMEDIA_TYPE_AUDIO;
  if (sound && track.priming_samples > 0) stream->codecpar->initial_padding = track.priming_samples;
  WrittenTrack written;
  written.codec = parameters.codec_id;
  written.sound = sound;
  written.sample_rate = sound ? parameters.sample_rate : 0;
  written.frame_samples = sound ? parameters.frame_size : 0;
  written.priming_samples = sound ? track.priming_samples : 0;
  written.time_base = track.time_base;
  written_.push_back(written);
  if (track.like != nullptr) copy_side_data(*track.like, *stream);
  return sound ? Status() : set_hdr_metadata(*stream, track.hdr);
}

Status FileMuxer::begin() {
  const std::string_view muxer = muxer_->oformat->name;
  const AVStream& first = *muxer_->streams[0];
  const bool pictures = first.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  Options options;
  if (is_one_of(muxer, {"mp4", "mov", "ipod"})) {
    options.set("movflags", "faststart");
    // Edit lists count in it: with the usual milliseconds the sound would end up to one too late.
    options.set("movie_timescale", pictures ? kTicksPerSecond : first.codecpar->sample_rate);
  }
  if (is_one_of(muxer, {"matroska", "webm"})) options.set("cues_to_front", "1");
  if (muxer == "wav") options.set("rf64", "auto");  // past 4 GiB
  if (muxer == "mpegts") muxer_->max_delay = kTransportDelay;
  if (const int error = avio_open(&muxer_->pb, muxer_->url, AVIO_FLAG_WRITE); error < 0)
    return av_status(error, target_.native());
  const int error = avformat_write_header(muxer_.get(), &options.entries);
  return error < 0 ? av_status(error, target_.native() + ": cannot write its head") : Status();
}

FileMuxer::~FileMuxer() {
  if (muxer_ && muxer_->pb != nullptr) avio_closep(&muxer_->pb);
}

Status FileMuxer::write(std::size_t track, AVPacket& packet) {
  if (packet.size > 0) note(written_[track], packet);
  packet.stream_index = static_cast<int>(track);
  packet.pos = -1;
  av_packet_rescale_ts(&packet, written_[track].time_base, muxer_->streams[track]->time_base);
  const int error = av_interleaved_write_frame(muxer_.get(), &packet);
  if (error >= 0) note_work();
  return error < 0 ? av_status(error, target_.native() + ": cannot write a packet") : Status();
}

Status FileMuxer::finish() {
  if (const int error = av_write_trailer(muxer_.get()); error < 0)
    return av_status(error, target_.native() + ": cannot write its end");
  const int error = avio_closep(&muxer_->pb);
  return error < 0 ? av_status(error, target_.native() + ": cannot be closed") : Status();
}

}  // namespace millrace::engine
