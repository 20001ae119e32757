// FileTracks brings the packets of a file's tracks together: the file begins when every track has told what
// it is. One thread, that of the feeds.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/package/file_muxer.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

// What a track's encoder does not know.
struct TrackLook {
  AVRational time_base = kTicks;  // of its packets
  std::string language;
  Rational frame_rate;             // pictures of a constant rate
  const AVStream* like = nullptr;  // a copied track's source, until the first packet came
};

class FileTracks {
 public:
  FileTracks(std::filesystem::path target, std::string_view muxer, std::map<std::string, std::string> tags);
  ~FileTracks();

  // Before any packet. The first track of a kind is the default one.
  TrackSink<PacketPtr>& add(const TrackLook& look);

  // How far a track is, in seconds of decode time: minus infinity before its first packet, infinity when it
  // has finished.
  double time_of(std::size_t track) const;
  bool finished(std::size_t track) const;
  std::size_t size() const { return entries_.size(); }

  // Ends the file, when every track has finished. unsupported when none of them had a packet.
  Status finish();
  // Of the tracks that had packets.
  const std::vector<WrittenTrack>& written() const { return muxer_->written(); }

 private:
  class Entry;
  // Opens the file when no track is awaited any more, and writes what was held for that.
  Status open_if_ready();
  Status write(Entry& entry, PacketPtr packet);

  const std::filesystem::path target_;
  const std::string format_;
  const std::map<std::string, std::string> tags_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::unique_ptr<FileMuxer> muxer_;
  std::deque<std::pair<Entry*, PacketPtr>> held_;
};

}  // namespace millrace::engine
