#include "tests/engine/pipeline/bitmap_tracks.h"

#include <stdexcept>

#include "engine/pipeline/av.h"

namespace millrace::test {
namespace {

using namespace engine;

struct Coded {
  std::int64_t pts = 0;  // milliseconds
  std::int64_t duration = 0;
  std::string bytes;
};

void need(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("cannot make a subtitle track: ") + what);
}

std::string big(std::int64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

std::string pgs_segment(int type, const std::string& body) {
  return big(type, 1) + big(static_cast<std::int64_t>(body.size()), 2) + body;
}

// One display set: composition, window, palette, object, end; without a cue it clears the screen.
std::string pgs_set(const BoxTrack& track, int number, const BoxCue* cue) {
  const std::string composition = big(track.canvas_width, 2) + big(track.canvas_height, 2) + big(0x10, 1) +
                                  big(number, 2) + big(cue != nullptr ? 0x80 : 0, 1) + big(0, 2) +
                                  big(cue != nullptr ? 1 : 0, 1);
  if (cue == nullptr) return pgs_segment(0x16, composition) + pgs_segment(0x80, "");
  const std::string place = big(cue->x, 2) + big(cue->y, 2);
  const std::string window = big(1, 1) + big(0, 1) + place + big(cue->width, 2) + big(cue->height, 2);
  // Colour 1 is white or black (limited range), as opaque as the cue's.
  const int luma = (cue->argb & 0xFF) != 0 ? 235 : 16;
  const std::string palette =
      big(0, 2) + big(1, 1) + big(luma, 1) + big(128, 2 - 1) + big(128, 1) + big(cue->argb >> 24, 1);
  std::string rows;
  for (int row = 0; row < cue->height; ++row) {
    // A run of up to 16383 samples of colour 1, and the row's end.
    rows += big(0, 1) + big(0xC000 | cue->width, 2) + big(1, 1) + big(0, 2);
  }
  const std::string size = big(cue->width, 2) + big(cue->height, 2);
  const std::string object =
      big(0, 2) + big(0, 1) + big(0xC0, 1) + big(static_cast<std::int64_t>(rows.size()) + 4, 3) + size + rows;
  return pgs_segment(0x16, composition + big(0, 2) + big(0, 1) + big(0, 1) + place) +
         pgs_segment(0x17, window) + pgs_segment(0x14, palette) + pgs_segment(0x15, object) +
         pgs_segment(0x80, "");
}

std::vector<Coded> coded_pgs(const BoxTrack& track) {
  std::vector<Coded> all;
  int number = 0;
  for (const BoxCue& cue : track.cues) {
    all.push_back({cue.start, 0, pgs_set(track, number++, &cue)});
    if (cue.end > 0) all.push_back({cue.end, 0, pgs_set(track, number++, nullptr)});
  }
  return all;
}

std::string coded_by(AVCodecContext& codec, const BoxCue* cue) {
  AVSubtitle subtitle{};
  AVSubtitleRect rect{};
  AVSubtitleRect* rects[] = {&rect};
  std::vector<std::uint8_t> indices;
  std::uint32_t palette[256] = {};
  if (cue != nullptr) {
    indices.assign(static_cast<std::size_t>(cue->width) * static_cast<std::size_t>(cue->height), 1);
    palette[1] = cue->argb;
    rect.type = SUBTITLE_BITMAP;
    rect.x = cue->x;
    rect.y = cue->y;
    rect.w = cue->width;
    rect.h = cue->height;
    rect.nb_colors = 4;
    rect.data[0] = indices.data();
    rect.linesize[0] = cue->width;
    rect.data[1] = reinterpret_cast<std::uint8_t*>(palette);
    subtitle.num_rects = 1;
    subtitle.rects = rects;
    subtitle.end_display_time = static_cast<std::uint32_t>(cue->end - cue->start);
  }
  std::string bytes(1 << 20, '\0');
  const int size = avcodec_encode_subtitle(&codec, reinterpret_cast<std::uint8_t*>(bytes.data()),
                                           static_cast<int>(bytes.size()), &subtitle);
  need(size > 0, "encode");
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

}  // namespace

void make_with_boxes(const std::filesystem::path& file, const SampleVideo& video, const BoxTrack& track) {
  const std::filesystem::path alone = file.native() + ".mkv";
  make_sample(alone, video);
  AVFormatContext* opened = nullptr;
  need(avformat_open_input(&opened, alone.c_str(), nullptr, nullptr) >= 0, "open");
  const InputPtr input(opened);
  need(avformat_find_stream_info(opened, nullptr) >= 0, "look");

  AVFormatContext* muxer = nullptr;
  avformat_alloc_output_context2(&muxer, nullptr, file.extension() == ".ts" ? "mpegts" : nullptr,
                                 file.c_str());
  AVStream* pictures = avformat_new_stream(muxer, nullptr);
  avcodec_parameters_copy(pictures->codecpar, opened->streams[0]->codecpar);
  pictures->codecpar->codec_tag = 0;
  pictures->time_base = opened->streams[0]->time_base;
  AVStream* subtitles = avformat_new_stream(muxer, nullptr);
  subtitles->time_base = {1, 1000};
  av_dict_set(&subtitles->metadata, "language", "eng", 0);

  std::vector<Coded> coded;
  if (track.codec == "pgs") {
    subtitles->codecpar->codec_type = AVMEDIA_TYPE_SUBTITLE;
    subtitles->codecpar->codec_id = AV_CODEC_ID_HDMV_PGS_SUBTITLE;
    coded = coded_pgs(track);
  } else {
    const AVCodec* encoder = avcodec_find_encoder_by_name(track.codec.c_str());
    const CodecPtr codec(avcodec_alloc_context3(encoder));
    codec->width = track.canvas_width;
    codec->height = track.canvas_height;
    codec->time_base = {1, 1000};
    need(avcodec_open2(codec.get(), encoder, nullptr) >= 0, "encoder");
    avcodec_parameters_from_context(subtitles->codecpar, codec.get());
    for (const BoxCue& cue : track.cues) {
      const bool dvd = track.codec == "dvdsub";
      coded.push_back({cue.start, dvd ? cue.end - cue.start : 0, coded_by(*codec, &cue)});
      if (!dvd) coded.push_back({cue.end, 0, coded_by(*codec, nullptr)});
    }
  }
  bool good =
      avio_open(&muxer->pb, file.c_str(), AVIO_FLAG_WRITE) >= 0 && avformat_write_header(muxer, nullptr) >= 0;
  const auto write = [&](AVPacket& packet) {
    good = good && av_interleaved_write_frame(muxer, &packet) >= 0;
  };
  // In the order of their times: libavformat's own ordering does not wait for a track that comes late.
  auto next = coded.begin();
  const auto write_due = [&](double seconds) {
    for (; next != coded.end() && static_cast<double>(next->pts) / 1000 <= seconds; ++next) {
      const PacketPtr packet = make_packet();
      good = good && av_new_packet(packet.get(), static_cast<int>(next->bytes.size())) >= 0;
      std::copy(next->bytes.begin(), next->bytes.end(), packet->data);
      packet->stream_index = 1;
      packet->pts = packet->dts = next->pts;
      packet->duration = next->duration;
      packet->flags |= AV_PKT_FLAG_KEY;
      av_packet_rescale_ts(packet.get(), {1, 1000}, subtitles->time_base);
      write(*packet);
    }
  };
  const PacketPtr packet = make_packet();
  while (good && av_read_frame(opened, packet.get()) >= 0) {
    av_packet_rescale_ts(packet.get(), opened->streams[0]->time_base, pictures->time_base);
    packet->pos = -1;
    write_due(static_cast<double>(packet->dts) * av_q2d(pictures->time_base));
    write(*packet);
  }
  write_due(1e9);
  good = good && av_write_trailer(muxer) >= 0;
  avio_closep(&muxer->pb);
  avformat_free_context(muxer);
  std::filesystem::remove(alone);
  need(good, "write");
}

}  // namespace millrace::test
