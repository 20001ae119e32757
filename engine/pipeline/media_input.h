// MediaInput reads the packets of one media file, and knows when the file is cut short or damaged.
// One thread at a time; reading blocks on the disk or the network.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/adts_times.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/byte_stream.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/hls_bytes.h"
#include "engine/pipeline/timeline.h"

namespace millrace::engine {

class MediaInput {
 public:
  // `url`: file:///a/b.mov, a path, http(s), or a slide show (slide_show.h). HLS playlists lead to their
  // segments (hls_bytes.h says to which; `extent`: how much of them); nothing else is ever opened: other
  // playlists and formats that name files are refused (unsupported). As open_source(), or corrupt_input for
  // what is no media, each with the path.
  static Result<std::unique_ptr<MediaInput>> open(const std::string& url, std::stop_token stop,
                                                  HlsExtent extent = HlsExtent::whole);

  const std::string& path() const { return path_; }
  std::int64_t size_bytes() const { return size_bytes_; }  // 0: not known
  // Why the bytes of a source that is no local file ended too early; read() says it by itself.
  Status source_status() const { return bytes_ ? bytes_->status() : Status(); }
  // What an HLS playlist says; none of other sources.
  const std::optional<HlsSource>& playlist() const { return playlist_; }
  // Its last segment was found elsewhere than its lengths say.
  void distrust_playlist() { playlist_->exact = false; }
  AVFormatContext& format() { return *format_; }
  // The container's own, not those of the streams: false for raw streams.
  bool has_timestamps() const;
  // It may be spliced of streams that begin their timestamps anew.
  bool timestamps_may_jump() const { return (format_->iformat->flags & AVFMT_TS_DISCONT) != 0; }
  // The container has an index that can be trusted; others are read from their beginning.
  bool can_seek() const;

  // Where `log` accepts damage it is told there from now on: damaged packets are given out, and a file that
  // is cut short ends where it ends. The log must outlive the input.
  void accept_damage(DamageLog& log);

  // The stream that is read; packets of others only tell how far the file goes.
  void choose(int stream_index);
  AVStream& chosen() { return *format_->streams[stream_]; }
  // The packets of this stream are given out too, as they lie among the chosen one's; their marks are not
  // judged.
  void choose_beside(int stream_index) { beside_ = stream_index; }

  // The next packet of the chosen stream in decode order, null at the end. Timestamps that jump (in
  // containers that may be spliced) are mended. corrupt_input for a damaged place, and at the end when the
  // file holds less than its header promises. cancelled after a stop request.
  Result<PacketPtr> read();
  // Where the furthest packet of a stream ends that was read so far, in its time base; nothing before its
  // first one.
  std::optional<std::int64_t> end_of(int stream_index) const;
  // The jumps so far.
  const std::vector<Timeline::Jump>& jumps() const { return timeline_.jumps(); }

  // Goes on with the last key packet of the chosen stream that is shown at or before `pts` (in its time
  // base), at the latest with the first one. `with_references`: with the key packet before that one where
  // pictures behind it may refer to earlier ones (open groups of pictures in H.264).
  Status seek(std::int64_t pts, bool with_references = false);

  // Goes on as near to the file's end as its index leads. `promised`: where the chosen stream ends by what
  // the container says, in its time base.
  Status seek_near_end(std::int64_t promised);

  // corrupt_input when the container's index names data behind the end of the file. Says it before anything
  // is read; told to the log where damage is accepted.
  Status check_index() const;
  // Seconds of a stream that lie in the file by that index; nothing when all of them do.
  std::optional<double> seconds_in_file(int stream_index) const;

 private:
  MediaInput(std::string path, std::int64_t size_bytes, std::stop_token stop);
  Status open_format();
  int open_demuxer();
  Status refused(int error) const;
  Result<PacketPtr> read_any();
  Result<PacketPtr> try_read(bool& again);
  Status check_marks(const AVPacket& packet);
  Status seek_key(std::int64_t pts);
  Status judge_marked(std::int64_t to);
  bool is_seam(std::int64_t from, std::int64_t to) const;
  bool is_loss(std::int64_t from, std::int64_t to) const;
  std::int64_t end_of_bytes() const { return size_bytes_ > 0 ? size_bytes_ : INT64_MAX; }
  Status damaged_packet(double place) const;
  bool lies_after_a_gap(const AVPacket& packet) const;
  void mend_times(AVPacket& packet);
  void note(const AVPacket& packet);
  const AVIndexEntry* first_behind_the_end(AVStream& stream) const;
  Status check_end() const;
  std::optional<double> promised_seconds() const;
  double chosen_seconds(std::int64_t pts) const;
  Status damaged(const std::string& what) const;
  Status cut_short(double ends, double promised) const;
  bool is(const char* demuxer) const;

  const std::string path_;
  const std::int64_t size_bytes_;
  const std::stop_token stop_;
  std::unique_ptr<ByteStream> bytes_;  // of no local file
  std::optional<HlsSource> playlist_;
  bool are_slides_ = false;
  InputPtr format_;
  unsigned stream_ = 0;
  int beside_ = -1;
  PacketPtr pending_;               // found by seek(), read next
  std::int64_t chosen_end_;         // of the chosen stream, in its time base
  double furthest_end_ = 0;         // of all streams, seconds since the container's start
  std::vector<std::int64_t> ends_;  // of each stream, in its time base
  // Packets of the chosen stream that the demuxer marked as damaged. They are judged when two more have come:
  // its parser marks the picture before the one that is meant.
  struct Marked {
    double place = 0;
    std::int64_t from = 0;  // bytes in the file: the packet before them
    bool gap = false;       // in time, among them
    int to_come = 0;
    bool silent = false;  // no mark, just a gap in time: a loss where the counters break as well
  };
  std::optional<Marked> marked_;
  std::int64_t position_ = 0;               // of the chosen stream's newest packet, bytes in the file
  std::int64_t last_dts_ = AV_NOPTS_VALUE;  // of the chosen stream
  std::int64_t last_step_ = 0;
  std::size_t last_passed_ = 0;    // jumps, when that packet came
  std::map<int, AdtsTimes> adts_;  // by stream
  Timeline timeline_;
  DamageLog* accepted_ = nullptr;
};

}  // namespace millrace::engine
