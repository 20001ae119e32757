#include "engine/package/file_muxer.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/pipeline/av.h"
#include "engine/plan/copy_rules.h"

namespace millrace::engine {
namespace {

// What a plan lets through must not be refused by the muxer when the job runs. Negative: the muxer does not
// say.
template <class Track, class AnyContainer>
void expect_taken(AnyContainer container, AVMediaType type, std::string_view muxer) {
  const AVOutputFormat* format = av_guess_format(std::string(muxer).c_str(), nullptr, nullptr);
  ASSERT_NE(format, nullptr) << muxer;
  int let_through = 0;
  for (const AVCodecDescriptor* codec = nullptr; (codec = avcodec_descriptor_next(codec)) != nullptr;) {
    Track track;
    track.codec = codec->name;
    if (codec->type != type || !check_copy(container, track).ok()) continue;
    ++let_through;
    EXPECT_NE(avformat_query_codec(format, codec->id, FF_COMPLIANCE_NORMAL), 0)
        << muxer << " " << codec->name;
  }
  EXPECT_GT(let_through, 0) << muxer;
}

TEST(FileMuxer, TakesEveryCodecThatCopyRulesLetThrough) {
  for (const Container each :
       {Container::mp4, Container::mkv, Container::webm, Container::ogg, Container::mov, Container::ts}) {
    expect_taken<VideoTrack>(each, AVMEDIA_TYPE_VIDEO, muxer_name(each));
    expect_taken<AudioTrack>(each, AVMEDIA_TYPE_AUDIO, muxer_name(each));
  }
  for (const AudioContainer each : {AudioContainer::m4a, AudioContainer::mp3, AudioContainer::ogg,
                                    AudioContainer::opus, AudioContainer::flac, AudioContainer::wav})
    expect_taken<AudioTrack>(each, AVMEDIA_TYPE_AUDIO, muxer_name(each));
}

}  // namespace
}  // namespace millrace::engine
