// How MediaInput opens what it reads.
#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <string_view>

#include "engine/job/slide_show.h"
#include "engine/pipeline/data_status.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/open_source.h"

namespace millrace::engine {
namespace {

// Demuxers that read one file and never name another. Playlists (hls, dash, concat, ...) and image sequences
// are not here.
constexpr const char* kDemuxers =
    "aac,ac3,aiff,amr,amrnb,amrwb,apng,asf,asf_o,au,av1,avi,caf,dnxhd,dts,dtshd,dv,eac3,flac,flv,gif,gxf,"
    "h261,h263,"
    "h264,hevc,ivf,live_flv,m4v,matroska,webm,mjpeg,mov,mp3,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,tta,vc1,"
    "vc1test,"
    "w64,wav,wtv,wv,yuv4mpegpipe";

// A multiplex of television channels has a hundred; each costs a decoder's memory before anything is known of
// it.
constexpr int kMostTracks = 256;

// What HLS segments hold whose times can be told. Packed sound (ADTS behind an ID3 tag) is not among them.
constexpr const char* kSegmentDemuxers = "mpegts,mov";

int stop_requested(void* token) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

// Decodes a little of each stream; a picture beyond all reason is not made.
int find_stream_info(AVFormatContext& format) {
  const unsigned count = format.nb_streams;
  std::vector<AVDictionary*> options(count, nullptr);
  for (AVDictionary*& each : options) av_dict_set_int(&each, "max_pixels", kMostPixels, 0);
  const int found = avformat_find_stream_info(&format, count > 0 ? options.data() : nullptr);
  for (AVDictionary*& each : options) av_dict_free(&each);
  return found;
}

// The first bytes of a file; fewer where there are no more.
std::string head_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(8, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

// True when a file that begins like this opens as MP4 and its kin do.
bool opens_as_mp4(std::string_view head) {
  for (const std::string_view box : {"ftyp", "moov", "mdat", "wide", "skip", "free"})
    if (head.size() == 8 && head.substr(4) == box) return true;
  return false;
}

bool opens_as_a_still(std::string_view head) {
  using std::string_view_literals::operator""sv;
  return head.starts_with("\x89PNG"sv) || head.starts_with("\xff\xd8\xff"sv) || head.starts_with("BM"sv);
}

// A format that would open another file or address opens nothing.
int open_nothing(AVFormatContext* format, AVIOContext** io, const char* url, int flags,
                 AVDictionary** options) {
  static_cast<void>(format), static_cast<void>(io), static_cast<void>(url), static_cast<void>(flags),
      static_cast<void>(options);
  return AVERROR(EACCES);
}

// What YUV4MPEG2 cannot say.
void tag_colours_of_slides(AVCodecParameters& picture) {
  picture.color_space = AVCOL_SPC_BT709;
  picture.color_primaries = AVCOL_PRI_BT709;
  picture.color_trc = AVCOL_TRC_BT709;
  picture.color_range = AVCOL_RANGE_MPEG;
}

}  // namespace

Result<std::unique_ptr<MediaInput>> MediaInput::open(const std::string& url, std::stop_token stop,
                                                     HlsExtent extent) {
  auto source = open_source(url, stop, extent);
  if (!source.ok()) return source.status();
  std::unique_ptr<MediaInput> input(new MediaInput(source->name, source->size_bytes, std::move(stop)));
  if (source->bytes) input->bytes_ = std::make_unique<ByteStream>(std::move(source->bytes));
  input->playlist_ = std::move(source->playlist);
  input->are_slides_ = is_slides_url(url);
  if (Status status = input->open_format(); !status.ok()) return status;
  return input;
}

Status MediaInput::open_format() {
  if (bytes_)
    if (Status status = bytes_->rewind(); !status.ok()) return status;
  timeline_ = Timeline();
  const int error = open_demuxer();
  if (bytes_ && !bytes_->status().ok()) return bytes_->status();
  if (error < 0) return refused(error);
  const int found = find_stream_info(*format_);
  if (bytes_ && !bytes_->status().ok()) return bytes_->status();
  if (found < 0) return data_status(found, path_ + ": cannot find out what is in it");
  if (format_->nb_streams == 0)
    return Status(Code::corrupt_input, path_ + ": not a media file (no picture and no sound in it)");
  if (are_slides_) tag_colours_of_slides(*format_->streams[0]->codecpar);
  return {};
}

int MediaInput::open_demuxer() {
  AVFormatContext* format = avformat_alloc_context();
  format->interrupt_callback = {stop_requested, const_cast<std::stop_token*>(&stop_)};
  std::string name = "file:" + path_;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", bytes_ ? "none" : "file", 0);
  av_dict_set(&options, "format_whitelist", playlist_ ? kSegmentDemuxers : kDemuxers, 0);
  av_dict_set_int(&options, "max_streams", kMostTracks, 0);
  if (bytes_) {
    format->pb = bytes_->io();
    format->io_open = open_nothing;
    name = path_;
  }
  const int error = avformat_open_input(&format, name.c_str(), nullptr, &options);
  av_dict_free(&options);
  format_.reset(error < 0 ? nullptr : format);
  return error;
}

Status MediaInput::refused(int error) const {
  const std::string head = bytes_ ? bytes_->head() : head_of(path_);
  if (error == AVERROR(EINVAL) && playlist_)
    return Status(
        Code::unsupported,
        path_ + ": its segments are neither MPEG-TS nor fragmented MP4, which are the ones that are read");
  if (error == AVERROR(EINVAL) && opens_as_a_still(head))
    return Status(Code::unsupported,
                  path_ + ": a picture that does not move; make a slide show of it with \"slides\"");
  if (error == AVERROR(EINVAL))
    return Status(Code::unsupported, path_ +
                                         ": no film and no sound, but a text, a list or another format that "
                                         "names other files; give the media file itself");
  if (error == AVERROR_INVALIDDATA && opens_as_mp4(head))
    return Status(Code::corrupt_input,
                  path_ +
                      ": damaged MP4: its index (moov) is missing or broken, so the file is "
                      "incomplete; upload or record it again");
  if (error == AVERROR_INVALIDDATA)
    return Status(Code::corrupt_input, path_ + ": not a media file (no known format)");
  // For want of room for its tracks, or for an index that is larger than a task's memory.
  if (error == AVERROR(ENOMEM))
    return Status(Code::unsupported,
                  fmt::format("{}: it has more than {} tracks, or an index too large to read; remux it with "
                              "fewer tracks",
                              path_, kMostTracks));
  return data_status(error, path_ + ": cannot open");
}

}  // namespace millrace::engine
