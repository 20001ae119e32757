// MuxerPtr owns a muxer of libavformat. Whoever opened its `pb` closes it first.
#pragma once

extern "C" {
#include <libavformat/avformat.h>
}

#include <memory>

namespace millrace::engine {

struct MuxerDeleter {
  void operator()(AVFormatContext* muxer) const { avformat_free_context(muxer); }
};
using MuxerPtr = std::unique_ptr<AVFormatContext, MuxerDeleter>;

}  // namespace millrace::engine
