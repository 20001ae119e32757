// The fields of a Source's records, for JsonWriter and JsonReader. Internal to engine/plan.
#pragma once

#include "engine/job/json_archive.h"
#include "engine/plan/source.h"

namespace millrace::engine {

template <class A, Is<VideoTrack> T>
void fields(A& archive, T& track) {
  archive("index", track.index);
  archive("codec", track.codec);
  archive("profile", track.profile);
  archive("width", track.width);
  archive("height", track.height);
  archive("sample_aspect", track.sample_aspect);
  archive("rotation_degrees", track.rotation_degrees);
  archive("mirrored", track.mirrored);
  archive("pixel_format", track.pixel_format);
  archive("bits_per_component", track.bits_per_component);
  archive("color_range", track.color_range);
  archive("color_matrix", track.color_matrix);
  archive("color_primaries", track.color_primaries);
  archive("color_transfer", track.color_transfer);
  archive("interlaced", track.interlaced);
  archive("top_field_first", track.top_field_first);
  archive("frame_rate", track.frame_rate);
  archive("variable_frame_rate", track.variable_frame_rate);
  archive("time_base", track.time_base);
  archive("first_pts", track.first_pts);
  archive("duration_seconds", track.duration_seconds);
  archive("frame_count", track.frame_count);
  archive("bits_per_second", track.bits_per_second);
  archive("language", track.language);
  archive("is_default", track.is_default);
  archive("attached_picture", track.attached_picture);
  archive("has_alpha", track.has_alpha);
  archive("dolby_vision", track.dolby_vision);
  archive("mastering_display", track.hdr.mastering_display);
  archive("content_light", track.hdr.content_light);
  archive("closed_captions", track.closed_captions);
  archive("scan_note", track.scan_note);
}

template <class A, Is<AudioTrack> T>
void fields(A& archive, T& track) {
  archive("url", track.url);
  archive("size_bytes", track.size_bytes);
  archive("same_clock", track.same_clock);
  archive("index", track.index);
  archive("codec", track.codec);
  archive("channels", track.channels);
  archive("channel_layout", track.channel_layout);
  archive("sample_rate", track.sample_rate);
  archive("time_base", track.time_base);
  archive("first_pts", track.first_pts);
  archive("start_seconds", track.start_seconds);
  archive("duration_seconds", track.duration_seconds);
  archive("bits_per_second", track.bits_per_second);
  archive("language", track.language);
  archive("is_default", track.is_default);
}

template <class A, Is<OtherTrack> T>
void fields(A& archive, T& track) {
  archive("index", track.index);
  archive("kind", track.kind);
  archive("codec", track.codec);
  archive("language", track.language);
  archive("title", track.title);
  archive("is_default", track.is_default);
  archive("forced", track.forced);
}

template <class A, Is<Source> T>
void fields(A& archive, T& source) {
  archive("url", source.url);
  archive("container", source.container);
  archive("size_bytes", source.size_bytes);
  archive("duration_seconds", source.duration_seconds);
  archive.maybe("length_promised", source.length_promised);
  archive("can_seek", source.can_seek);
  archive("video", source.video);
  archive("audio", source.audio);
  archive("other", source.other);
  archive("damage", source.damage);
  archive("repairs", source.repairs);
  archive("chosen_video", source.chosen_video);
  archive("chosen_audio", source.chosen_audio);
}

}  // namespace millrace::engine
