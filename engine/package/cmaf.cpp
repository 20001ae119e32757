#include "engine/package/cmaf.h"

#include <fmt/format.h>

#include <cassert>
#include <limits>

#include "engine/package/box.h"
#include "engine/package/muxer.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/hdr_metadata.h"

namespace millrace::engine {
namespace {

// ISO/IEC 14496-12 §8.8.3.1: what depends on nothing, and what depends on others and is no sync sample.
constexpr std::uint32_t kSyncSampleFlags = 0x02000000;
constexpr std::uint32_t kDependentSampleFlags = 0x01010000;

constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000;
// data offset; then duration, size, flags and composition offset of each sample
constexpr std::uint32_t kRunFields = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;

constexpr std::uint32_t kTrackId = 1;

struct DynamicBufferDeleter {
  void operator()(AVIOContext* io) const {
    std::uint8_t* buffer = nullptr;
    avio_close_dyn_buf(io, &buffer);
    av_free(buffer);
  }
};

Status failed(std::string_view what, int error) {
  return {Code::internal, fmt::format("init segment: {}: {}", what, av_error_text(error))};
}

// ftyp and moov as libavformat writes them: no edit list, no sample, no encoder's name, no date.
Result<std::string> written_by_libavformat(const CmafTrack& track) {
  AVFormatContext* made = nullptr;
  if (const int error = avformat_alloc_output_context2(&made, nullptr, "mp4", nullptr); error < 0)
    return failed("cannot make a muxer", error);
  const MuxerPtr muxer(made);
  muxer->flags |= AVFMT_FLAG_BITEXACT;

  AVStream* stream = avformat_new_stream(muxer.get(), nullptr);
  if (stream == nullptr) return failed("cannot add the track", AVERROR(ENOMEM));
  if (const int error = avcodec_parameters_copy(stream->codecpar, track.parameters); error < 0)
    return failed("cannot copy the codec's parameters", error);
  // hvc1: parameter sets stand in the init segment alone (ISO/IEC 14496-15 §8.4.1); Apple plays nothing else.
  stream->codecpar->codec_tag =
      track.parameters->codec_id == AV_CODEC_ID_HEVC ? MKTAG('h', 'v', 'c', '1') : 0;
  if (Status status = set_hdr_metadata(*stream, track.hdr); !status.ok()) return status.under("init segment");
  stream->time_base = {1, static_cast<int>(track.timescale)};
  if (!track.language.empty()) av_dict_set(&stream->metadata, "language", track.language.c_str(), 0);

  AVIOContext* io = nullptr;
  if (const int error = avio_open_dyn_buf(&io); error < 0) return failed("no memory for it", error);
  std::unique_ptr<AVIOContext, DynamicBufferDeleter> buffer(io);
  muxer->pb = io;

  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags", "empty_moov+default_base_moof", 0);
  av_dict_set_int(&options, "video_track_timescale", track.timescale, 0);
  const int error = avformat_write_header(muxer.get(), &options);
  av_dict_free(&options);
  if (error < 0) return failed("the codec's parameters do not fit MP4", error);

  std::uint8_t* bytes = nullptr;
  const int size = avio_close_dyn_buf(buffer.release(), &bytes);
  muxer->pb = nullptr;
  std::string result(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  av_free(bytes);
  return result;
}

// One entry that begins at media time `shift` and has no end (ISO/IEC 14496-12 §8.6.6).
std::string edit_list(std::int64_t shift) {
  std::string entry;
  put_u32(entry, 1);                                  // entries
  put_u32(entry, 0);                                  // segment duration: open, as in every fragmented file
  put_u32(entry, static_cast<std::uint32_t>(shift));  // media time
  put_u16(entry, 1);                                  // rate
  put_u16(entry, 0);
  return box("edts", full_box("elst", 0, 0, entry));
}

// The children of a box, made again with `change` of each.
template <class Change>
Result<std::string> rebuilt(const BoxView& parent, Change change) {
  Result<std::vector<BoxView>> children = boxes_in(parent.payload);
  if (!children.ok()) return children.status();
  std::string payload;
  for (const BoxView& child : *children) {
    Result<std::string> changed = change(child);
    if (!changed.ok()) return changed;
    payload += *changed;
  }
  return box(parent.type, payload);
}

Result<std::string> with_edit_list(const BoxView& moov, std::int64_t shift) {
  return rebuilt(moov, [&](const BoxView& child) -> Result<std::string> {
    if (child.type != "trak" || shift == 0) return std::string(child.whole);
    return rebuilt(child, [&](const BoxView& part) -> Result<std::string> {
      std::string bytes(part.whole);
      if (part.type == "tkhd") bytes += edit_list(shift);
      return bytes;
    });
  });
}

std::uint32_t sample_flags(const CmafSample& sample) {
  return sample.key ? kSyncSampleFlags : kDependentSampleFlags;
}

// The movie fragment; `data_offset` is where the first sample lies, from the fragment's first byte.
std::string fragment(const CmafTrack& track, std::int64_t sequence, const std::vector<CmafSample>& samples,
                     std::uint32_t data_offset) {
  std::string number;
  put_u32(number, static_cast<std::uint32_t>(sequence));

  std::string header;
  put_u32(header, kTrackId);

  const std::int64_t decode_time = samples.front().dts + track.shift;
  assert(decode_time >= 0);
  std::string time;
  put_u64(time, static_cast<std::uint64_t>(decode_time));

  std::string run;
  run.reserve(8 + 16 * samples.size());
  put_u32(run, static_cast<std::uint32_t>(samples.size()));
  put_u32(run, data_offset);
  for (const CmafSample& sample : samples) {
    put_u32(run, static_cast<std::uint32_t>(sample.duration));
    put_u32(run, static_cast<std::uint32_t>(sample.data.size()));
    put_u32(run, sample_flags(sample));
    put_u32(run, static_cast<std::uint32_t>(sample.pts - sample.dts));
  }
  return box("moof",
             full_box("mfhd", 0, 0, number) +
                 box("traf", full_box("tfhd", 0, kDefaultBaseIsMoof, header) + full_box("tfdt", 1, 0, time) +
                                 full_box("trun", 1, kRunFields, run)));
}

}  // namespace

Result<std::string> cmaf_init_segment(const CmafTrack& track) {
  assert(track.parameters != nullptr);
  if (track.timescale <= 0 || track.timescale > std::numeric_limits<int>::max())
    return Status(Code::invalid_argument,
                  fmt::format("init segment: timescale {} is out of range", track.timescale));
  if (track.shift < 0 || track.shift > std::numeric_limits<std::int32_t>::max())
    return Status(Code::invalid_argument, fmt::format("init segment: shift {} is out of range", track.shift));
  if (track.parameters->codec_type == AVMEDIA_TYPE_AUDIO && track.parameters->sample_rate != track.timescale)
    return Status(Code::invalid_argument,
                  fmt::format("init segment: sound of {} Hz needs that timescale, not {}",
                              track.parameters->sample_rate, track.timescale));
  const Result<std::string> plain = written_by_libavformat(track);
  if (!plain.ok()) return plain;
  const Result<std::vector<BoxView>> boxes = boxes_in(*plain);
  if (!boxes.ok()) return boxes.status().under("init segment");
  const Result<BoxView> moov = the_box(*boxes, "moov");
  if (!moov.ok()) return moov.status().under("init segment");
  const Result<std::string> shifted = with_edit_list(*moov, track.shift);
  if (!shifted.ok()) return shifted.status().under("init segment");

  std::string brands = "iso6";
  put_u32(brands, 0);
  // cmfc, not cmf2: a CMAF track whose edit list takes off the composition delay (ISO/IEC 23000-19).
  return box("ftyp", brands + "iso6cmfcmp41") + *shifted;
}

std::string cmaf_media_segment(const CmafTrack& track, std::int64_t sequence,
                               const std::vector<CmafSample>& samples) {
  assert(!samples.empty());
  std::size_t size = 8;
  for (const CmafSample& sample : samples) size += sample.data.size();
  assert(size <= std::numeric_limits<std::uint32_t>::max());

  std::string brands = "cmfs";
  put_u32(brands, 0);
  std::string bytes = box("styp", brands + "cmfsmsdh");
  const std::size_t fragment_size = fragment(track, sequence, samples, 0).size();
  bytes.reserve(bytes.size() + fragment_size + size);
  bytes += fragment(track, sequence, samples, static_cast<std::uint32_t>(fragment_size + 8));
  put_u32(bytes, static_cast<std::uint32_t>(size));
  bytes += "mdat";
  for (const CmafSample& sample : samples) bytes += sample.data;
  return bytes;
}

}  // namespace millrace::engine
