#include "engine/package/segment_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/package/box.h"
#include "engine/pipeline/hdr_metadata.h"

namespace millrace::engine {
namespace {

constexpr std::uint32_t kLargestSample = 1U << 30;

// Times beyond this are damage; it leaves room for every sum below.
constexpr std::int64_t kLargestTime = std::int64_t{1} << 60;

Status damaged(std::string text) { return {Code::internal, std::move(text)}; }

// libavformat's view of bytes in memory, from front to back and with seeks.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : bytes_(bytes) {
    constexpr int kBuffer = 4096;
    auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
    io_ = avio_alloc_context(buffer, kBuffer, 0, this, &MemoryFile::read, nullptr, &MemoryFile::seek);
  }
  ~MemoryFile() {
    if (io_ == nullptr) return;
    av_freep(&io_->buffer);
    avio_context_free(&io_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  AVIOContext* io() const { return io_; }

 private:
  static int read(void* self, std::uint8_t* target, int size) {
    auto& file = *static_cast<MemoryFile*>(self);
    const std::size_t count = std::min(static_cast<std::size_t>(size), file.bytes_.size() - file.at_);
    if (count == 0) return AVERROR_EOF;
    std::memcpy(target, file.bytes_.data() + file.at_, count);
    file.at_ += count;
    return static_cast<int>(count);
  }
  static std::int64_t seek(void* self, std::int64_t offset, int whence) {
    auto& file = *static_cast<MemoryFile*>(self);
    const auto size = static_cast<std::int64_t>(file.bytes_.size());
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE) return size;
    if (whence == SEEK_CUR) offset += static_cast<std::int64_t>(file.at_);
    if (whence == SEEK_END) offset += size;
    if (offset < 0 || offset > size) return AVERROR(EINVAL);
    file.at_ = static_cast<std::size_t>(offset);
    return offset;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  AVIOContext* io_ = nullptr;
};

// The first unsigned numbers of a full box whose versions 0 and 1 hold times of 4 and 8 bytes: creation,
// modification, then the timescale.
std::int64_t timescale_of(const BoxView& mdhd) {
  ByteReader reader(mdhd.payload);
  const std::uint8_t version = reader.u8();
  reader.skip(3 + (version == 1 ? 16 : 8));
  const std::uint32_t timescale = reader.u32();
  return reader.ok() ? timescale : 0;
}

// The media time of the one edit; 0 without an edit list.
Result<std::int64_t> shift_of(const BoxView& trak) {
  const Result<std::vector<BoxView>> parts = boxes_in(trak.payload);
  if (!parts.ok()) return parts.status().under("trak");
  const auto edts =
      std::find_if(parts->begin(), parts->end(), [](const auto& each) { return each.type == "edts"; });
  if (edts == parts->end()) return std::int64_t{0};
  const Result<BoxView> elst = child_box(*edts, "elst");
  if (!elst.ok()) return elst.status();
  ByteReader reader(elst->payload);
  const std::uint8_t version = reader.u8();
  reader.skip(3);
  const std::uint32_t entries = reader.u32();
  reader.skip(version == 1 ? 8 : 4);
  const std::int64_t media_time = version == 1
                                      ? static_cast<std::int64_t>(reader.u64())
                                      : static_cast<std::int64_t>(static_cast<std::int32_t>(reader.u32()));
  const std::uint32_t rate = reader.u32();
  if (!reader.ok() || entries != 1 || rate != 0x00010000 || media_time < 0 || media_time > kLargestTime)
    return damaged("elst: not one edit at normal speed");
  return media_time;
}

// What tfhd says of a fragment.
struct FragmentDefaults {
  std::uint32_t duration;
  std::uint32_t size;
  std::uint32_t flags;
};

Status read_tfhd(const BoxView& tfhd, std::uint32_t track_id, FragmentDefaults& defaults) {
  ByteReader reader(tfhd.payload);
  const std::uint32_t fields = reader.u32() & 0xffffff;
  if (reader.u32() != track_id) return damaged("tfhd: another track than the init segment's");
  if ((fields & 0x1) != 0 || (fields & 0x020000) == 0)
    return damaged("tfhd: data is not addressed from the moof");
  if ((fields & 0x2) != 0) reader.skip(4);
  if ((fields & 0x8) != 0) defaults.duration = reader.u32();
  if ((fields & 0x10) != 0) defaults.size = reader.u32();
  if ((fields & 0x20) != 0) defaults.flags = reader.u32();
  return reader.ok() ? Status() : damaged("tfhd: cut short");
}

Result<std::int64_t> decode_time_of(const BoxView& tfdt) {
  ByteReader reader(tfdt.payload);
  const std::uint8_t version = reader.u8();
  reader.skip(3);
  const std::uint64_t time = version == 1 ? reader.u64() : reader.u32();
  if (!reader.ok() || time > static_cast<std::uint64_t>(kLargestTime))
    return damaged("tfdt: not a decode time");
  return static_cast<std::int64_t>(time);
}

// Profile and level of a VP9 track, which libavformat does not read (VP Codec ISO Media File Format Binding,
// vpcC): the box follows the 78 bytes of the one sample entry.
Status read_vp9(std::string_view init, AVCodecParameters& parameters) {
  const Result<std::vector<BoxView>> boxes = boxes_in(init);
  if (!boxes.ok()) return boxes.status();
  Result<BoxView> box = the_box(*boxes, "moov");
  for (const char* type : {"trak", "mdia", "minf", "stbl", "stsd"})
    if (box.ok()) box = child_box(*box, type);
  if (!box.ok()) return box.status();
  constexpr std::size_t kVersionAndCount = 8;
  constexpr std::size_t kVisualSampleEntry = 78;
  if (box->payload.size() < kVersionAndCount) return damaged("stsd: cut short");
  const Result<std::vector<BoxView>> entries = boxes_in(box->payload.substr(kVersionAndCount));
  if (!entries.ok()) return entries.status().under("stsd");
  if (entries->size() != 1 || entries->front().payload.size() < kVisualSampleEntry)
    return damaged("stsd: not one picture track");
  const Result<std::vector<BoxView>> parts = boxes_in(entries->front().payload.substr(kVisualSampleEntry));
  if (!parts.ok()) return parts.status().under("stsd");
  const Result<BoxView> vpcc = the_box(*parts, "vpcC");
  if (!vpcc.ok()) return vpcc.status();
  ByteReader reader(vpcc->payload);
  reader.skip(4);
  parameters.profile = reader.u8();
  parameters.level = reader.u8();
  return reader.ok() ? Status() : damaged("vpcC: cut short");
}

// Pictures are 4:2:0 of 8 or 10 bits; the configuration boxes say which: hvcC's bit depths (ISO/IEC 14496-15
// §8.3.3.1), av1C's high_bitdepth (AV1 in ISOBMFF §2.3), the profile of VP9. H.264 is of 8 bits.
AVPixelFormat pixel_format_of(const AVCodecParameters& parameters) {
  const std::uint8_t* box = parameters.extradata;
  bool ten_bit = false;
  if (parameters.codec_id == AV_CODEC_ID_HEVC) ten_bit = parameters.extradata_size > 18 && (box[17] & 7) != 0;
  if (parameters.codec_id == AV_CODEC_ID_AV1) ten_bit = parameters.extradata_size > 3 && (box[2] & 0x40) != 0;
  if (parameters.codec_id == AV_CODEC_ID_VP9) ten_bit = parameters.profile >= 2;
  return ten_bit ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
}

// Samples of a coded frame: AAC-LC has 1024 (ISO/IEC 14496-3 §4.5.2.1.1), Opus is coded here in 20 ms.
int frame_size_of(const AVCodecParameters& parameters) {
  if (parameters.codec_id == AV_CODEC_ID_AAC) return 1024;
  if (parameters.codec_id == AV_CODEC_ID_OPUS) return 960;
  return parameters.frame_size;
}

}  // namespace

Result<SegmentReader> SegmentReader::open(std::string_view init) {
  SegmentReader reader;
  if (Status status = reader.read_movie(init); !status.ok()) return status.under("init segment");

  MemoryFile file(init);
  AVFormatContext* demuxer = avformat_alloc_context();
  if (file.io() == nullptr || demuxer == nullptr)
    return Status(Code::out_of_memory, "init segment: no memory");
  demuxer->pb = file.io();
  // A failure frees the context.
  const int error = avformat_open_input(&demuxer, nullptr, av_find_input_format("mp4"), nullptr);
  if (error < 0) return damaged(fmt::format("init segment: {}", av_error_text(error)));
  const InputPtr input(demuxer);
  if (input->nb_streams != 1)
    return damaged(fmt::format("init segment: {} tracks, not one", input->nb_streams));
  const AVStream& stream = *input->streams[0];
  reader.parameters_.reset(avcodec_parameters_alloc());
  if (!reader.parameters_ || avcodec_parameters_copy(reader.parameters_.get(), stream.codecpar) < 0)
    return Status(Code::out_of_memory, "init segment: no memory");
  AVCodecParameters& parameters = *reader.parameters_;
  if (parameters.codec_id == AV_CODEC_ID_VP9)
    if (Status status = read_vp9(init, parameters); !status.ok()) return status.under("init segment");
  if (parameters.codec_type == AVMEDIA_TYPE_VIDEO) {
    parameters.format = pixel_format_of(parameters);
    reader.hdr_ = hdr_metadata_of(stream);
  } else {
    parameters.frame_size = frame_size_of(parameters);
  }
  const AVDictionaryEntry* language = av_dict_get(stream.metadata, "language", nullptr, 0);
  if (language != nullptr && std::string_view(language->value) != "und") reader.language_ = language->value;
  return reader;
}

Status SegmentReader::read_movie(std::string_view init) {
  const Result<std::vector<BoxView>> boxes = boxes_in(init);
  if (!boxes.ok()) return boxes.status();
  const Result<BoxView> moov = the_box(*boxes, "moov");
  if (!moov.ok()) return moov.status();
  const Result<BoxView> trak = child_box(*moov, "trak");
  if (!trak.ok()) return trak.status();
  const Result<BoxView> mdia = child_box(*trak, "mdia");
  if (!mdia.ok()) return mdia.status();
  const Result<BoxView> mdhd = child_box(*mdia, "mdhd");
  if (!mdhd.ok()) return mdhd.status();
  const Result<BoxView> mvex = child_box(*moov, "mvex");
  if (!mvex.ok()) return mvex.status();
  const Result<BoxView> trex = child_box(*mvex, "trex");
  if (!trex.ok()) return trex.status();
  const Result<std::int64_t> shift = shift_of(*trak);
  if (!shift.ok()) return shift.status();

  timescale_ = timescale_of(*mdhd);
  if (timescale_ <= 0 || timescale_ > std::numeric_limits<std::int32_t>::max())
    return damaged("mdhd: no timescale");
  shift_ = *shift;
  ByteReader defaults(trex->payload);
  defaults.skip(4);
  track_id_ = defaults.u32();
  defaults.skip(4);
  default_duration_ = defaults.u32();
  default_size_ = defaults.u32();
  default_flags_ = defaults.u32();
  return defaults.ok() ? Status() : damaged("trex: cut short");
}

Result<std::vector<SampleView>> SegmentReader::samples(std::string_view segment) const {
  const Result<std::vector<BoxView>> boxes = boxes_in(segment);
  if (!boxes.ok()) return boxes.status();
  std::vector<SampleView> samples;
  for (std::size_t at = 0; at < boxes->size(); ++at) {
    const BoxView& each = (*boxes)[at];
    if (each.type == "mdat") return damaged("an mdat without a moof before it");
    if (each.type != "moof") continue;
    if (at + 1 == boxes->size() || (*boxes)[at + 1].type != "mdat") return damaged("a moof without its mdat");
    if (Status status = read_fragment(segment, each, (*boxes)[at + 1].payload, samples); !status.ok())
      return status;
    ++at;
  }
  if (samples.empty()) return damaged("no moof: not a media segment");
  return samples;
}

Status SegmentReader::read_fragment(std::string_view segment, const BoxView& moof, std::string_view mdat,
                                    std::vector<SampleView>& samples) const {
  const Result<BoxView> traf = child_box(moof, "traf");
  if (!traf.ok()) return traf.status();
  const Result<std::vector<BoxView>> parts = boxes_in(traf->payload);
  if (!parts.ok()) return parts.status().under("traf");
  const Result<BoxView> tfhd = the_box(*parts, "tfhd");
  if (!tfhd.ok()) return tfhd.status();
  const Result<BoxView> tfdt = the_box(*parts, "tfdt");
  if (!tfdt.ok()) return tfdt.status();
  FragmentDefaults defaults{default_duration_, default_size_, default_flags_};
  if (Status status = read_tfhd(*tfhd, track_id_, defaults); !status.ok()) return status;
  const Result<std::int64_t> start = decode_time_of(*tfdt);
  if (!start.ok()) return start.status();

  // Where the moof and the mdat's payload lie in the segment.
  const std::int64_t moof_at = moof.whole.data() - segment.data();
  const std::int64_t data_at = mdat.data() - segment.data();
  const std::int64_t data_end = data_at + static_cast<std::int64_t>(mdat.size());
  std::int64_t next_data = data_at;
  std::int64_t time = *start;
  for (const BoxView& run : *parts) {
    if (run.type != "trun") continue;
    ByteReader reader(run.payload);
    const std::uint32_t fields = reader.u32() & 0xffffff;
    const std::uint32_t count = reader.u32();
    if ((fields & 0x1) != 0) next_data = moof_at + static_cast<std::int32_t>(reader.u32());
    std::uint32_t first_flags = 0;
    if ((fields & 0x4) != 0) first_flags = reader.u32();
    for (std::uint32_t index = 0; index < count; ++index) {
      const std::uint32_t duration = (fields & 0x100) != 0 ? reader.u32() : defaults.duration;
      const std::uint32_t size = (fields & 0x200) != 0 ? reader.u32() : defaults.size;
      std::uint32_t flags = (fields & 0x400) != 0 ? reader.u32() : defaults.flags;
      if (index == 0 && (fields & 0x4) != 0) flags = first_flags;
      const auto composition = (fields & 0x800) != 0 ? static_cast<std::int32_t>(reader.u32()) : 0;
      if (!reader.ok()) return damaged("trun: cut short");
      // An empty sample would let a made-up count run for ever; no codec of ours has one.
      if (size == 0 || size > kLargestSample || next_data < data_at || next_data + size > data_end)
        return damaged("trun: a sample lies outside the mdat");
      if (time > kLargestTime) return damaged("trun: times run out of range");
      SampleView sample;
      sample.data = segment.substr(static_cast<std::size_t>(next_data), size);
      sample.dts = time - shift_;
      sample.pts = sample.dts + composition;
      sample.duration = duration;
      sample.key = (flags & 0x00010000) == 0;
      samples.push_back(sample);
      next_data += size;
      time += duration;
    }
  }
  if (next_data != data_end) return damaged("mdat: bytes that no sample names");
  return {};
}

}  // namespace millrace::engine
