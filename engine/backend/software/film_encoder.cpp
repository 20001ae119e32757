#include "engine/backend/software/film_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>

#include "engine/base/work_count.h"

namespace millrace::engine {
namespace {

struct FilmCodec {
  std::string_view name;  // as FFmpeg names the codec
  const char* encoder;
  const char* options;  // libavcodec's
  // The one that its decoders give all pictures; unspecified: what the film has.
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
};

// As broadcasts and discs have them: B-pictures, and short groups of pictures where the standards leave the
// inverse DCT's rounding to the decoder, which is what adds up between two I-pictures.
constexpr std::array<FilmCodec, 5> kFilmCodecs = {{
    {"mpeg1video", "mpeg1video", "b=6M:bf=2:g=12"},
    {"mpeg2video", "mpeg2video", "b=6M:bf=2:g=12"},
    {"mpeg4", "mpeg4", "b=6M:bf=2:g=25"},
    {"mjpeg", "mjpeg", "flags=+qscale:global_quality=354:strict=unofficial",  // 3 times FF_QP2LAMBDA
     AVCOL_SPC_BT470BG},
    {"vp8", "libvpx", "b=6M:g=25:deadline=good:cpu-used=4", AVCOL_SPC_BT470BG},
}};

const FilmCodec* film_codec(std::string_view name) {
  const auto* found = std::find_if(kFilmCodecs.begin(), kFilmCodecs.end(),
                                   [&](const FilmCodec& each) { return each.name == name; });
  return found == kFilmCodecs.end() ? nullptr : found;
}

}  // namespace

bool encodes_film(std::string_view codec) { return film_codec(codec) != nullptr; }

Status FilmEncoder::open(const AVFrame& first) {
  const FilmCodec* film = film_codec(name_);
  const AVCodec* encoder = film == nullptr ? nullptr : avcodec_find_encoder_by_name(film->encoder);
  if (encoder == nullptr)
    return {Code::unsupported, fmt::format("this FFmpeg has no encoder for films in {}", name_)};
  codec_.reset(avcodec_alloc_context3(encoder));
  if (!codec_) throw std::bad_alloc();
  codec_->width = first.width;
  codec_->height = first.height;
  codec_->pix_fmt = static_cast<AVPixelFormat>(first.format);
  codec_->framerate = to_av(rate_);
  codec_->time_base = av_inv_q(codec_->framerate);
  codec_->sample_aspect_ratio = {1, 1};
  codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  codec_->color_range = first.color_range;
  codec_->colorspace = film->matrix == AVCOL_SPC_UNSPECIFIED ? first.colorspace : film->matrix;
  codec_->color_primaries = first.color_primaries;
  codec_->color_trc = first.color_trc;
  codec_->thread_count = 1;
  AVDictionary* options = nullptr;
  int error = av_dict_parse_string(&options, film->options, "=", ":", 0);
  if (error >= 0) error = avcodec_open2(codec_.get(), encoder, &options);
  av_dict_free(&options);
  if (error < 0)
    return {Code::unsupported,
            fmt::format("this FFmpeg's {} makes no film: {}", film->encoder, av_error_text(error))};
  return announce();
}

Status FilmEncoder::announce() {
  const ParametersPtr parameters(avcodec_parameters_alloc());
  if (!parameters) throw std::bad_alloc();
  if (const int error = avcodec_parameters_from_context(parameters.get(), codec_.get()); error < 0)
    return av_status(error, name_ + ": its parameters");
  return out_.begin({parameters.get(), codec_->has_b_frames});
}

Status FilmEncoder::push(FramePtr frame) {
  if (!codec_)
    if (Status s = open(*frame); !s.ok()) return s;
  frame->pts = next_++;
  set_duration(*frame, 1);
  frame->pict_type = AV_PICTURE_TYPE_NONE;
  frame->quality = codec_->global_quality;
  if (const int error = avcodec_send_frame(codec_.get(), frame.get()); error < 0)
    return av_status(error, name_ + ": encoding a film");
  return drain();
}

Status FilmEncoder::drain() {
  while (true) {
    PacketPtr packet = make_packet();
    const int error = avcodec_receive_packet(codec_.get(), packet.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return av_status(error, name_ + ": encoding a film");
    note_work();
    if (Status s = out_.push(std::move(packet)); !s.ok()) return s;
  }
}

Status FilmEncoder::finish() {
  if (codec_) {
    if (const int error = avcodec_send_frame(codec_.get(), nullptr); error < 0)
      return av_status(error, name_ + ": encoding a film");
    if (Status s = drain(); !s.ok()) return s;
  }
  return out_.finish();
}

}  // namespace millrace::engine
