#include "engine/package/sound_groups.h"

#include <algorithm>

namespace millrace::engine {
namespace {

// A sound of the source in its encodings, the one of the fewest channels first.
using Encodings = std::vector<const AdaptiveTrack*>;

std::vector<Encodings> sounds_of(const std::vector<AdaptiveTrack>& tracks) {
  std::vector<Encodings> sounds;
  for (const AdaptiveTrack& track : tracks) {
    if (!track.sound) continue;
    const auto same = std::find_if(sounds.begin(), sounds.end(), [&](const Encodings& each) {
      return each.front()->source_track == track.source_track;
    });
    if (same == sounds.end()) {
      sounds.push_back({&track});
    } else {
      same->push_back(&track);
    }
  }
  for (Encodings& each : sounds)
    std::stable_sort(each.begin(), each.end(),
                     [](const auto* a, const auto* b) { return a->channels < b->channels; });
  return sounds;
}

void add_member(const AdaptiveTrack& main, std::vector<SoundGroup::Member>& members) {
  const std::string& wanted = main.label.empty() ? main.id : main.label;
  std::string name = wanted;
  const auto taken = [&] {
    return std::any_of(members.begin(), members.end(), [&](const auto& each) { return each.name == name; });
  };
  for (int number = 2; taken(); ++number) name = wanted + " " + std::to_string(number);
  members.push_back({&main, std::move(name), false, false});
}

}  // namespace

const AdaptiveTrack& SoundGroup::main() const {
  const auto found =
      std::find_if(members.begin(), members.end(), [](const Member& each) { return each.is_default; });
  return *found->track;
}

std::string SoundGroup::codecs() const {
  std::vector<std::string> each_once;
  std::string text;
  for (const Member& member : members) {
    const std::string& codecs = member.track->codecs;
    if (std::find(each_once.begin(), each_once.end(), codecs) != each_once.end()) continue;
    each_once.push_back(codecs);
    text += (text.empty() ? "" : ",") + codecs;
  }
  return text;
}

Bandwidth SoundGroup::bandwidth(std::int64_t target_seconds) const {
  Bandwidth most;
  for (const Member& member : members) {
    const Bandwidth own = bandwidth_of(*member.track, target_seconds);
    most.peak = std::max(most.peak, own.peak);
    most.average = std::max(most.average, own.average);
  }
  return most;
}

std::vector<SoundGroup> sound_groups(const std::vector<AdaptiveTrack>& tracks) {
  const std::vector<Encodings> sounds = sounds_of(tracks);
  if (sounds.empty()) return {};
  SoundGroup group{"audio", {}};
  for (const Encodings& each : sounds) add_member(*each.front(), group.members);

  auto& members = group.members;
  auto main =
      std::find_if(members.begin(), members.end(), [](const auto& each) { return each.track->is_default; });
  if (main == members.end()) main = members.begin();
  main->is_default = true;
  for (auto each = members.begin(); each != members.end(); ++each) {
    const auto first = std::find_if(members.begin(), members.end(), [&](const auto& other) {
      return other.track->language == each->track->language;
    });
    each->autoselect = each->is_default || (first == each && each->track->language != main->track->language);
  }

  std::vector<SoundGroup> groups{group};
  if (std::all_of(sounds.begin(), sounds.end(), [](const Encodings& each) { return each.size() == 1; }))
    return groups;
  group.id = "surround";
  for (std::size_t at = 0; at < sounds.size(); ++at) members[at].track = sounds[at].back();
  groups.push_back(std::move(group));
  return groups;
}

}  // namespace millrace::engine
