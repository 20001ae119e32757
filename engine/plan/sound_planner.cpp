#include "engine/plan/sound_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/job/json_text.h"
#include "engine/plan/channels.h"
#include "engine/plan/language.h"
#include "engine/plan/text.h"
#include "engine/plan/track_text.h"

namespace millrace::engine {
namespace {

constexpr int kSurround = 6;
// 5.0 as well: its silent sixth channel costs next to nothing.
constexpr int kFewestForSurround = 5;

bool is_lossless(AudioCodec codec) { return codec == AudioCodec::flac || codec == AudioCodec::pcm; }

int sample_rate_for(const AudioTrack& track, AudioCodec codec) {
  if (codec == AudioCodec::opus) return 48'000;  // RFC 7845 §5.1
  const int rate = track.sample_rate;
  if (is_lossless(codec) && rate >= 8'000 && rate <= 192'000) return rate;
  const bool of_cd = rate > 0 && (44'100 % rate == 0 || rate % 44'100 == 0);
  return of_cd ? 44'100 : 48'000;
}

// What the encoders take for so many channels.
std::int64_t bits_for(AudioCodec codec, std::int64_t asked, int sample_rate, int channels) {
  if (codec == AudioCodec::pcm) return std::int64_t{16} * sample_rate * channels;
  // About; music is more, speech is less.
  if (codec == AudioCodec::flac) return std::int64_t{10} * sample_rate * channels;
  std::int64_t bits = channels > 2 ? asked * 3 : asked;
  // AAC-LC holds at most 6144 bits a channel and frame of 1024 samples (ISO/IEC 14496-3).
  if (codec == AudioCodec::aac) bits = std::min(bits, std::int64_t{6} * sample_rate * channels);
  if (codec == AudioCodec::opus) bits = std::min(bits, std::int64_t{255'000} * channels);
  // libvorbis has tables for certain rates only.
  if (codec == AudioCodec::vorbis && channels == 1) bits = std::clamp<std::int64_t>(bits, 32'000, 240'000);
  if (codec == AudioCodec::vorbis && channels > 2) bits = std::clamp<std::int64_t>(bits, 200'000, 1'000'000);
  return bits;
}

bool is_usable(const AudioTrack& track) { return track.sample_rate > 0 && track.channels > 0; }

// More of them than anybody can guess, and no layout that can be mixed.
bool is_discrete(const AudioTrack& track) {
  return has_no_layout(track) && guessed_layout(track.channels).empty();
}

// Of a mono or stereo track there is nothing to say.
std::string unknown_channels_text(const AudioTrack& track) {
  if (!has_no_layout(track) || track.channels <= 2) return {};
  const std::string text =
      fmt::format("; no layout that can be mixed says what its {} channels are: ", track.channels);
  if (!is_discrete(track)) return text + fmt::format("they are taken for {}", guessed_layout(track.channels));
  return text + fmt::format("the first two are taken for left and right, the other {} are left out",
                            track.channels - 2);
}

class Tracks {
 public:
  explicit Tracks(const Source& source) : source_(source) {}

  const AudioTrack& at(int index) const { return source_.audio[static_cast<std::size_t>(index)]; }

  // The main track, then one for each further language.
  std::vector<int> all() const {
    std::vector<int> chosen = {source_.chosen_audio};
    for (int i = 0; i < static_cast<int>(source_.audio.size()); ++i) {
      const bool is_new = std::none_of(chosen.begin(), chosen.end(), [&](int other) {
        return same_language(at(other).language, at(i).language);
      });
      if (is_new && is_usable(at(i))) chosen.push_back(i);
    }
    return chosen;
  }

  // -1: none. Of several, the main one, else what the container calls default, else the first.
  int of_language(const std::string& language) const {
    int best = -1;
    for (int i = 0; i < static_cast<int>(source_.audio.size()); ++i) {
      if (!is_usable(at(i)) || !same_language(at(i).language, language)) continue;
      if (i == source_.chosen_audio) return i;
      if (best < 0 || (at(i).is_default && !at(best).is_default)) best = i;
    }
    return best;
  }

  std::string languages() const {
    std::set<std::string> names;
    for (const AudioTrack& track : source_.audio)
      if (const std::string plain = plain_language(track.language); is_usable(track) && !plain.empty())
        names.insert(plain);
    if (names.empty()) return "no track with a language";
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

 private:
  const Source& source_;
};

PlannedSound sound_of(const Tracks& tracks, int track, int channels, const SoundWishes& wishes) {
  const AudioTrack& from = tracks.at(track);
  PlannedSound planned;
  planned.source_track = track;
  planned.channels = channels;
  planned.codec = wishes.codec;
  planned.sample_rate = sample_rate_for(from, wishes.codec);
  planned.bits_per_second =
      bits_for(wishes.codec, wishes.settings.bits_per_second, planned.sample_rate, channels);
  planned.language = plain_language(from.language);
  planned.normalise_loudness = wishes.settings.normalise_loudness;
  return planned;
}

// "-2" and so on where the source has two tracks that would be called alike.
std::string unused(const std::vector<PlannedSound>& sounds, const std::string& name) {
  const auto is_taken = [&](const std::string& candidate) {
    return std::any_of(sounds.begin(), sounds.end(),
                       [&](const PlannedSound& each) { return each.name == candidate; });
  };
  std::string candidate = name;
  for (int i = 2; is_taken(candidate); ++i) candidate = fmt::format("{}-{}", name, i);
  return candidate;
}

}  // namespace

Result<std::vector<PlannedSound>> plan_sounds(const Source& source, const SoundWishes& wishes) {
  const Tracks tracks(source);
  std::vector<int> chosen;
  for (const std::string& language : wishes.settings.languages) {
    const int track = tracks.of_language(language);
    if (track < 0)
      return refused(Code::invalid_argument, field_path(wishes.field, "languages"),
                     fmt::format("the source has no sound in {}; it has {}", in_quotes(language),
                                 source.audio.empty() ? "none" : tracks.languages()));
    if (std::find(chosen.begin(), chosen.end(), track) == chosen.end()) chosen.push_back(track);
  }
  if (source.main_audio() == nullptr) return std::vector<PlannedSound>();
  if (chosen.empty()) chosen = wishes.adaptive ? tracks.all() : std::vector<int>{source.chosen_audio};

  std::vector<PlannedSound> sounds;
  const auto add = [&](int track, int channels, std::string_view suffix) {
    PlannedSound sound = sound_of(tracks, track, channels, wishes);
    std::string name = "audio";
    if (track != chosen.front()) name += "-" + (sound.language.empty() ? "other" : sound.language);
    sound.name = unused(sounds, name.append(suffix));
    // "audio-spa" of "abr/audio" is "abr/audio-spa", of ".parts/web.audio" ".parts/web.audio-spa".
    if (!wishes.folder.empty())
      sound.folder = wishes.folder + sound.name.substr(std::string_view("audio").size());
    sound.is_default = track == chosen.front();
    sounds.push_back(std::move(sound));
  };
  for (const int track : chosen) {
    const int channels = tracks.at(track).channels;
    const bool surround = wishes.settings.surround && channels >= kFewestForSurround &&
                          !is_discrete(tracks.at(track)) && most_channels(wishes.codec) >= kSurround;
    if (wishes.adaptive || !surround) add(track, std::min(channels, 2), "");
    if (surround) add(track, kSurround, wishes.adaptive ? "-surround" : "");
  }
  return sounds;
}

bool are_coded_alike(const PlannedSound& a, const PlannedSound& b) {
  return a.source_track == b.source_track && a.codec == b.codec && a.channels == b.channels &&
         a.sample_rate == b.sample_rate && a.bits_per_second == b.bits_per_second &&
         a.normalise_loudness == b.normalise_loudness;
}

Decision sound_decision(const Source& source, const PlannedSound& sound, std::string stage) {
  const AudioTrack& track = source.audio[static_cast<std::size_t>(sound.source_track)];
  std::string reason = fmt::format("stream {}", track.index);
  if (!sound.language.empty()) reason += ", " + sound.language;
  reason += unknown_channels_text(track);
  if (track.channels > sound.channels && !is_discrete(track))
    reason +=
        fmt::format("; {} channels are mixed down to {}", track.channels, channels_text(sound.channels));
  if (track.sample_rate != sound.sample_rate)
    reason += fmt::format("; {} Hz is resampled", track.sample_rate);
  if (sound.normalise_loudness) reason += "; made as loud as EBU R128 asks (-23 LUFS)";
  return {std::move(stage), "cpu", sound_text(sound), reason};
}

std::vector<Decision> unused_sounds(const Source& source, const std::set<int>& used) {
  std::vector<Decision> decisions;
  for (int i = 0; i < static_cast<int>(source.audio.size()); ++i) {
    if (used.count(i) > 0) continue;
    const AudioTrack& track = source.audio[static_cast<std::size_t>(i)];
    const std::string language = plain_language(track.language);
    const auto other = std::find_if(used.begin(), used.end(), [&](int each) {
      return same_language(source.audio[static_cast<std::size_t>(each)].language, track.language);
    });
    std::string reason = "no output takes it";
    if (other != used.end())
      reason = fmt::format("stream {} has the same language",
                           source.audio[static_cast<std::size_t>(*other)].index);
    if (!is_usable(track)) reason = "it says no channels or no sample rate";
    decisions.push_back({"sound", "cpu",
                         fmt::format("stream {} ({}{}) is left out", track.index, track.codec,
                                     language.empty() ? "" : ", " + language),
                         reason});
  }
  return decisions;
}

}  // namespace millrace::engine
