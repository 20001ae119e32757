#include "engine/pipeline/subtitle_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>

#include "engine/base/sha256.h"
#include "engine/base/work_count.h"
#include "engine/pipeline/ass_text.h"
#include "engine/pipeline/byte_stream.h"
#include "engine/pipeline/data_status.h"
#include "engine/pipeline/memory_bytes.h"
#include "engine/pipeline/open_source.h"
#include "engine/pipeline/open_track.h"
#include "engine/pipeline/text_encoding.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

constexpr std::size_t kMostFileBytes = 16u << 20;
constexpr std::size_t kMostTextBytes = 16u << 20;
constexpr AVRational kMilliseconds{1, 1000};
constexpr std::array kTextCodecs = {AV_CODEC_ID_SUBRIP, AV_CODEC_ID_SRT,    AV_CODEC_ID_ASS,
                                    AV_CODEC_ID_SSA,    AV_CODEC_ID_WEBVTT, AV_CODEC_ID_MOV_TEXT,
                                    AV_CODEC_ID_TEXT};

std::string side_text(const AVPacket& packet, AVPacketSideDataType type) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, type, &size);
  return data == nullptr ? "" : std::string(reinterpret_cast<const char*>(data), size);
}

// Packets of one text track into cues.
class CueReader {
 public:
  static Result<CueReader> open(const AVStream& stream, std::string path, std::int64_t origin) {
    const AVCodecID id = stream.codecpar->codec_id;
    if (std::find(kTextCodecs.begin(), kTextCodecs.end(), id) == kTextCodecs.end())
      return Status(
          Code::unsupported,
          fmt::format("{}: its subtitles are {}, which is no text that WebVTT can hold; leave them out", path,
                      avcodec_get_name(id)));
    CueReader reader(stream, std::move(path), origin);
    if (id == AV_CODEC_ID_WEBVTT) return reader;
    const AVCodec* decoder = avcodec_find_decoder(id);
    if (decoder == nullptr)
      return Status(Code::unsupported, fmt::format("{}: this FFmpeg has no decoder for {} subtitles",
                                                   reader.path_, avcodec_get_name(id)));
    reader.codec_.reset(avcodec_alloc_context3(decoder));
    if (!reader.codec_) throw std::bad_alloc();
    int error = avcodec_parameters_to_context(reader.codec_.get(), stream.codecpar);
    reader.codec_->pkt_timebase = stream.time_base;
    if (error >= 0) error = avcodec_open2(reader.codec_.get(), decoder, nullptr);
    if (error < 0) return data_status(error, reader.path_ + ": cannot open the decoder of its subtitles");
    return reader;
  }

  // corrupt_input for a cue that cannot be read; the next one can be tried.
  Status read(AVPacket& packet, std::vector<Cue>& cues) {
    if (packet.pts == AV_NOPTS_VALUE || packet.size <= 0) return {};
    Cue cue;
    cue.start = av_rescale_q(packet.pts - origin_, time_base_, kMilliseconds);
    cue.end = packet.duration > 0
                  ? av_rescale_q(packet.pts + packet.duration - origin_, time_base_, kMilliseconds)
                  : Cue::kOpen;
    if (const auto fault = utf8_fault(text_in(packet)))
      return Status(Code::corrupt_input,
                    fmt::format("{}: subtitle at {:.3f} s: {}", path_, static_cast<double>(cue.start) / 1000,
                                describe(*fault)));
    if (!codec_) {
      cue.settings = cleaned_settings(side_text(packet, AV_PKT_DATA_WEBVTT_SETTINGS));
      cue.text = cleaned_cue_text(text_in(packet));
      return add(std::move(cue), cues);
    }
    return decode(packet, cue, cues);
  }

 private:
  CueReader(const AVStream& stream, std::string path, std::int64_t origin)
      : path_(std::move(path)),
        time_base_(stream.time_base),
        origin_(origin),
        codec_id_(stream.codecpar->codec_id) {}

  // MOV text has its length in front (3GPP TS 26.245 §5.17) and styles behind.
  std::string_view text_in(const AVPacket& packet) const {
    const std::string_view all(reinterpret_cast<const char*>(packet.data),
                               static_cast<std::size_t>(packet.size));
    if (codec_id_ != AV_CODEC_ID_MOV_TEXT) return all.substr(0, all.find_last_not_of('\0') + 1);
    if (all.size() < 2) return {};
    return all.substr(2, static_cast<std::size_t>(packet.data[0]) << 8 | packet.data[1]);
  }

  Status decode(AVPacket& packet, const Cue& at, std::vector<Cue>& cues) {
    AVSubtitle subtitle{};
    int got = 0;
    const int error = avcodec_decode_subtitle2(codec_.get(), &subtitle, &got, &packet);
    if (error < 0)
      return Status(Code::corrupt_input,
                    fmt::format("{}: subtitle at {:.3f} s is damaged ({})", path_,
                                static_cast<double>(at.start) / 1000, av_error_text(error)));
    const bool ass = codec_id_ == AV_CODEC_ID_ASS || codec_id_ == AV_CODEC_ID_SSA;
    Status status;
    for (unsigned i = 0; got != 0 && status.ok() && i < subtitle.num_rects; ++i) {
      const AVSubtitleRect& rect = *subtitle.rects[i];
      if (rect.ass == nullptr) continue;
      CueText text = cue_text_of_ass(text_of_event(rect.ass), ass ? Braces::hide : Braces::hide_overrides);
      Cue cue = at;
      cue.text = std::move(text.text);
      cue.settings = std::move(text.settings);
      status = add(std::move(cue), cues);
    }
    avsubtitle_free(&subtitle);
    return status;
  }

  Status add(Cue cue, std::vector<Cue>& cues) {
    bytes_ += cue.text.size() + cue.settings.size() + sizeof(Cue);
    if (bytes_ > kMostTextBytes)
      return Status(Code::unsupported,
                    fmt::format("{}: its subtitles hold more than {} MiB of text; leave them out", path_,
                                kMostTextBytes >> 20));
    if (!cue.text.empty()) cues.push_back(std::move(cue));
    return {};
  }

  std::string path_;
  AVRational time_base_;
  std::int64_t origin_;
  AVCodecID codec_id_;
  CodecPtr codec_;  // none: the packets are WebVTT already
  std::size_t bytes_ = 0;
};

Result<ReadCues> read_all(AVFormatContext& format, int stream, CueReader reader, const std::string& path,
                          bool accept_damage, const std::stop_token& stop) {
  ReadCues read;
  const PacketPtr packet = make_packet();
  int error = 0;
  while ((error = av_read_frame(&format, packet.get())) >= 0) {
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped on request");
    note_work();
    Status status;
    if (packet->stream_index == stream) status = reader.read(*packet, read.cues);
    av_packet_unref(packet.get());
    if (status.ok()) continue;
    if (!accept_damage || status.code() != Code::corrupt_input) return status;
    read.lost.push_back(status.message());
  }
  if (stop.stop_requested()) return Status(Code::cancelled, "stopped on request");
  if (error == AVERROR_EOF) return read;
  Status status = av_status(error, path + ": cannot read its subtitles to their end");
  if (!accept_damage) return status;
  read.lost.push_back(status.message());
  return read;
}

// `text` must outlive what is returned.
Result<InputPtr> open_text(ByteStream& text, const std::string& path) {
  if (Status status = text.rewind(); !status.ok()) return status;
  AVFormatContext* format = avformat_alloc_context();
  format->pb = text.io();
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "none", 0);
  av_dict_set(&options, "format_whitelist", "srt,webvtt,ass", 0);
  const int error = avformat_open_input(&format, path.c_str(), nullptr, &options);
  av_dict_free(&options);
  if (error < 0)
    return Status(Code::unsupported,
                  path + ": no subtitles in it that can be read; give an SRT, WebVTT or ASS file");
  return InputPtr(format);
}

}  // namespace

Result<ReadCues> read_text_stream(const Source& source, int stream,
                                  const std::function<std::int64_t(AVRational)>& origin_of,
                                  bool accept_damage, std::stop_token stop) {
  auto input = open_track(source, stream, AVMEDIA_TYPE_SUBTITLE, stop);
  if (!input.ok()) return input.status();
  AVFormatContext& format = (*input)->format();
  for (unsigned i = 0; i < format.nb_streams; ++i)
    if (static_cast<int>(i) != stream) format.streams[i]->discard = AVDISCARD_ALL;
  const AVStream& track = *format.streams[stream];
  auto reader = CueReader::open(track, (*input)->path(), origin_of(track.time_base));
  if (!reader.ok()) return reader.status();
  auto read = read_all(format, stream, std::move(*reader), (*input)->path(), accept_damage, stop);
  if (!(*input)->source_status().ok()) return (*input)->source_status();
  return read;
}

Result<ReadCues> read_text_file(const std::string& url, std::stop_token stop) {
  const std::string name = shown_name(url);
  auto text = read_source_file(url, kMostFileBytes, stop);
  if (!text.ok()) return text.status();
  if (const auto fault = utf8_fault(*text))
    return Status(Code::invalid_argument, fmt::format("{}: {}", name, describe(*fault)));
  // A file without one cue is no subtitle file to the demuxers, but a fair thing to have.
  const std::string sha256 = sha256_of(*text);
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) return ReadCues{{}, {}, sha256};
  ByteStream bytes(std::make_unique<MemoryBytes>(std::move(*text)));
  auto format = open_text(bytes, name);
  if (!format.ok()) return format.status();
  auto reader = CueReader::open(*(*format)->streams[0], name, 0);
  if (!reader.ok()) return reader.status();
  auto read = read_all(**format, 0, std::move(*reader), name, false, stop);
  if (read.ok()) read->sha256 = sha256;
  return read;
}

}  // namespace millrace::engine
