// FileMuxer writes one media file through libavformat, packet by packet. One thread; blocks on the disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/job/formats.h"
#include "engine/package/muxer.h"
#include "engine/pipeline/av.h"
#include "engine/plan/hdr_metadata.h"

namespace millrace::engine {

// libavformat's name of the muxer that makes such a file.
std::string_view muxer_name(Container container);
std::string_view muxer_name(AudioContainer container);

struct FileTrack {
  // For the call of open() only; extradata as MP4 holds it, or as a demuxer gave it.
  const AVCodecParameters* parameters = nullptr;
  AVRational time_base{1, 90'000};  // of the packets
  std::string language;             // ISO 639-2; empty: und
  bool is_default = true;
  Rational frame_rate;      // pictures; not known: is not said
  int priming_samples = 0;  // sound: what a decoder gives before the first real sample
  HdrMetadata hdr;          // pictures
  // H.264 and HEVC: key frames bring parameter sets along, which may differ from those in `parameters`;
  // packets for a transport stream have start codes then.
  bool headers_in_band = false;
  // The source of a copied track: what it says beside the coded frames (turn, HDR) is copied too.
  const AVStream* like = nullptr;
};

// What was written of a track, as a player should find it.
struct WrittenTrack {
  AVCodecID codec = AV_CODEC_ID_NONE;
  bool sound = false;
  int sample_rate = 0;      // sound
  int frame_samples = 0;    // sound: of one packet; 0: it varies
  int priming_samples = 0;  // sound
  std::int64_t packets = 0;
  std::int64_t hidden = 0;  // pictures: of them, decoded but not shown (before an edit list's beginning)
  AVRational time_base{1, 90'000};
  std::int64_t first_pts = 0;  // of the first real sample, where sound is primed
  std::int64_t last_pts = 0;   // of the last packet shown
  std::int64_t end = 0;        // where it ends

  double seconds(std::int64_t pts) const { return static_cast<double>(pts) * av_q2d(time_base); }
  // Real samples between its ends.
  std::int64_t samples() const;
};

class FileMuxer {
 public:
  // Makes `target` and writes its head. MP4 and MOV get their index in front when the file ends. Titles and
  // such go into `tags` by libavformat's names; what a container has no place for is left out. unsupported
  // when the container cannot hold a codec.
  static Result<std::unique_ptr<FileMuxer>> open(const std::filesystem::path& target, std::string_view muxer,
                                                 const std::vector<FileTrack>& tracks,
                                                 const std::map<std::string, std::string>& tags);

  // Each track in decoding order; the tracks in any order, but what runs ahead is held in memory. Packets may
  // begin before 0: priming, and the decode times of reordered pictures. The packet is left empty.
  Status write(std::size_t track, AVPacket& packet);
  const std::vector<WrittenTrack>& written() const { return written_; }
  // Writes what is held and the index, and closes the file; it is not synced.
  Status finish();
  ~FileMuxer();

 private:
  FileMuxer(std::filesystem::path target, MuxerPtr muxer)
      : target_(std::move(target)), muxer_(std::move(muxer)) {}
  Status add(const FileTrack& track);
  Status begin();

  const std::filesystem::path target_;
  MuxerPtr muxer_;
  std::vector<WrittenTrack> written_;
};

}  // namespace millrace::engine
