// What a job's spec may say, in the document's words. engine/job reads and checks it; a test compares the
// two.
#include <nlohmann/json.hpp>

#include "server/api/openapi.h"

namespace millrace::server {
namespace {

constexpr char kOutputs[] = R"json({
"Bitrate": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?[kKmM]?$"}],
  "description": "Bits per second: 2800000, \"2.8M\", \"128k\"", "examples": ["2.8M"]},
"FrameRate": {"oneOf": [{"type": "number", "minimum": 1, "maximum": 240}, {"type": "string"}],
  "description": "Frames per second at most: 30, 29.97 (which means 30000/1001) or \"30000/1001\"; left out: as the source"},
"Preset": {"enum": ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"],
  "default": "veryfast", "description": "x264's names; other encoders take the speed nearest to it"},
"Hdr": {"enum": ["sdr", "keep"], "default": "sdr",
  "description": "keep: 10 bits in the source's HDR, with hevc, av1 or vp9; one dynamic range a job"},
"Quality": {"type": "number", "description":
  "Constant quality instead of bitrate, smaller is better: h264 and hevc 1 to 51, av1 and vp9 whole numbers from 1 to 63"},
"MaxBitrate": {"$ref": "#/components/schemas/Bitrate", "description":
  "The peak; at least the bitrate. Left out: 1.5 times the bitrate, no cap on a quality"},
"GopSeconds": {"type": "number", "minimum": 0.1, "maximum": 10, "description":
  "Seconds between keyframes; divides the segments. Left out: one GOP a segment"},
"Height": {"type": "integer", "minimum": 96, "maximum": 4320, "multipleOf": 2, "description":
  "Lines; the picture's shorter side counts, so that portrait works"},
"Languages": {"type": "array", "maxItems": 16, "uniqueItems": true, "items": {"type": "string", "pattern": "^[a-z]{2,3}$"},
  "description": "ISO 639 codes, in this order. Left out: all in an adaptive output, else the source's default"},
"AdaptiveAudio": {"type": "object", "additionalProperties": false, "properties": {
  "bitrate": {"$ref": "#/components/schemas/Bitrate", "default": "128k", "description": "Of two channels; a surround track gets three times that"},
  "surround": {"type": "boolean", "default": false, "description": "A second track keeps 5.1"},
  "loudness": {"enum": ["none", "ebu-r128"], "default": "none", "description": "ebu-r128: -23 LUFS, peaks below -1 dBTP"},
  "languages": {"$ref": "#/components/schemas/Languages"}}},
"FileAudio": {"type": "object", "additionalProperties": false, "properties": {
  "codec": {"enum": ["aac", "mp3", "opus", "vorbis", "flac", "pcm", "copy"], "description":
    "The container's own (mp4, mkv, mov, ts, m4a: aac; webm, opus: opus; ogg: vorbis; mp3: mp3; flac: flac; wav: pcm), or copy: the source's coded sound as it is, where the container can hold it; with copy only languages stands beside it"},
  "bitrate": {"$ref": "#/components/schemas/Bitrate", "default": "128k", "description": "Not for flac and pcm"},
  "surround": {"type": "boolean", "default": false, "description": "5.1 is kept"},
  "loudness": {"enum": ["none", "ebu-r128"], "default": "none"},
  "languages": {"$ref": "#/components/schemas/Languages"}}},
"Rung": {"type": "object", "additionalProperties": false, "required": ["height"], "properties": {
  "height": {"$ref": "#/components/schemas/Height"},
  "bitrate": {"$ref": "#/components/schemas/Bitrate", "description": "Left out: the auto ladder's for this height and codec"},
  "quality": {"$ref": "#/components/schemas/Quality"}, "max_bitrate": {"$ref": "#/components/schemas/MaxBitrate"},
  "fps": {"$ref": "#/components/schemas/FrameRate"},
  "codec": {"enum": ["h264", "hevc", "av1", "vp9"], "description": "Left out: the output's"}}},
"OutputName": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$", "description": "The folder's or file's name; each once in a job"},
"Burn": {"oneOf": [{"type": "string", "pattern": "^[a-z]{2,3}$"}, {"type": "integer", "minimum": 0}], "description":
  "The subtitles that are laid over the pictures for good, at each rendition's own resolution: a language (ISO 639), or the number of a track as inspect tells it. Text, PGS, DVB, DVD and XSUB subtitles of the source; not with a copied picture"},
"AdaptiveOutput": {"type": "object", "additionalProperties": false, "required": ["name", "type"],
  "description": "HLS and DASH over one set of CMAF segments: NAME/master.m3u8, NAME/manifest.mpd", "properties": {
  "name": {"$ref": "#/components/schemas/OutputName"}, "type": {"const": "adaptive"},
  "ladder": {"default": "auto", "oneOf": [{"const": "auto"}, {"type": "array", "minItems": 1, "maxItems": 16, "items": {"$ref": "#/components/schemas/Rung"}}]},
  "package": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": ["hls", "dash"]}, "default": ["hls", "dash"]},
  "segment_seconds": {"type": "number", "minimum": 1, "maximum": 10, "default": 4, "description": "The same in all adaptive outputs of a job"},
  "gop_seconds": {"$ref": "#/components/schemas/GopSeconds"},
  "codec": {"enum": ["h264", "hevc", "av1", "vp9"], "default": "h264"},
  "preset": {"$ref": "#/components/schemas/Preset"}, "hdr": {"$ref": "#/components/schemas/Hdr"},
  "subtitles": {"type": "boolean", "default": true, "description": "Text tracks become WebVTT"},
  "burn": {"$ref": "#/components/schemas/Burn"},
  "audio": {"$ref": "#/components/schemas/AdaptiveAudio"}}},
"FileOutput": {"type": "object", "additionalProperties": false, "required": ["name", "type"], "description": "One file, NAME.CONTAINER", "properties": {
  "name": {"$ref": "#/components/schemas/OutputName"}, "type": {"const": "file"},
  "container": {"enum": ["mp4", "mkv", "webm", "ogg", "mov", "ts"], "default": "mp4"},
  "video": {"type": "object", "additionalProperties": false, "properties": {
    "height": {"$ref": "#/components/schemas/Height", "description": "Left out: the source's, at most 1080"},
    "bitrate": {"$ref": "#/components/schemas/Bitrate", "description": "Left out: the auto ladder's for this height and codec"},
    "quality": {"$ref": "#/components/schemas/Quality"}, "max_bitrate": {"$ref": "#/components/schemas/MaxBitrate"},
    "fps": {"$ref": "#/components/schemas/FrameRate"},
    "codec": {"enum": ["h264", "hevc", "av1", "vp9", "theora", "copy"], "description":
      "mp4, mkv: h264, hevc, av1, vp9; mov, ts: h264, hevc; webm: vp9, av1; ogg: theora; the first of them when left out. copy: the source's coded pictures as they are, where the container can hold them; nothing else stands beside it"},
    "preset": {"$ref": "#/components/schemas/Preset"}, "gop_seconds": {"$ref": "#/components/schemas/GopSeconds"},
    "hdr": {"$ref": "#/components/schemas/Hdr"}}},
  "burn": {"$ref": "#/components/schemas/Burn"},
  "audio": {"$ref": "#/components/schemas/FileAudio"}}},
"AudioOutput": {"type": "object", "additionalProperties": false, "required": ["name", "type"], "description": "The sound alone, NAME.CONTAINER", "properties": {
  "name": {"$ref": "#/components/schemas/OutputName"}, "type": {"const": "audio"},
  "container": {"enum": ["m4a", "mp3", "ogg", "opus", "flac", "wav"], "default": "m4a"},
  "audio": {"$ref": "#/components/schemas/FileAudio"}}},
"StillFormat": {"enum": ["jpg", "png", "webp"], "default": "jpg"},
"ThumbnailsOutput": {"type": "object", "additionalProperties": false, "required": ["name", "type"],
  "description": "Stills, NAME/0001.jpg and so on in the order of their times, to the frame; at or every", "properties": {
  "name": {"$ref": "#/components/schemas/OutputName"}, "type": {"const": "thumbnails"},
  "at": {"type": "array", "minItems": 1, "maxItems": 1000, "uniqueItems": true, "items": {"type": "number", "minimum": 0}, "description": "Seconds"},
  "every": {"type": "number", "minimum": 0.01, "description": "Seconds between stills, the first at 0"},
  "size": {"type": "string", "pattern": "^[0-9]+x[0-9]+$", "description": "Exactly this, the picture fitted into it on black"},
  "width": {"type": "integer", "minimum": 16, "maximum": 8192, "description": "Alone: the height follows the picture's shape"},
  "height": {"type": "integer", "minimum": 16, "maximum": 8192, "description": "Alone: the width follows the picture's shape"},
  "format": {"$ref": "#/components/schemas/StillFormat"}}},
"SpritesOutput": {"type": "object", "additionalProperties": false, "required": ["name", "type"],
  "description": "One sheet of small pictures for scrub bars, NAME.jpg, and NAME.vtt that says which part shows which time", "properties": {
  "name": {"$ref": "#/components/schemas/OutputName"}, "type": {"const": "sprites"},
  "every": {"type": "number", "minimum": 0.01, "default": 5, "description": "Seconds"},
  "width": {"type": "integer", "minimum": 16, "maximum": 1024, "default": 160, "description": "Of one picture"},
  "columns": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
  "format": {"$ref": "#/components/schemas/StillFormat"}}},
"Output": {"oneOf": [
    {"$ref": "#/components/schemas/AdaptiveOutput"}, {"$ref": "#/components/schemas/FileOutput"}, {"$ref": "#/components/schemas/AudioOutput"},
    {"$ref": "#/components/schemas/ThumbnailsOutput"}, {"$ref": "#/components/schemas/SpritesOutput"}],
  "discriminator": {"propertyName": "type", "mapping": {
    "adaptive": "#/components/schemas/AdaptiveOutput", "file": "#/components/schemas/FileOutput", "audio": "#/components/schemas/AudioOutput",
    "thumbnails": "#/components/schemas/ThumbnailsOutput", "sprites": "#/components/schemas/SpritesOutput"}}}
})json";

constexpr char kSpec[] = R"json({
"Length": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?%$"}],
  "description": "Pixels of the source as it is shown, or a share of the picture's side: \"15%\""},
"Overlay": {"type": "object", "additionalProperties": false, "required": ["image"],
  "description": "A picture over every picture of the adaptive and file outputs, at each rendition's own resolution; the last one is on top", "properties": {
  "image": {"type": "object", "additionalProperties": false, "required": ["url"], "properties": {"url": {"$ref": "#/components/schemas/InputUrl"}}},
  "anchor": {"enum": ["top_left", "top", "top_right", "left", "centre", "right", "bottom_left", "bottom", "bottom_right"], "default": "top_left"},
  "x": {"$ref": "#/components/schemas/Length", "default": 0, "description": "From the anchor inwards; from a middle axis to the right, and there it may be negative"},
  "y": {"$ref": "#/components/schemas/Length", "default": 0, "description": "From the anchor inwards; from a middle axis downwards, and there it may be negative"},
  "width": {"$ref": "#/components/schemas/Length", "description": "With one side alone the other follows the image's shape; with neither the image keeps its own size"},
  "height": {"$ref": "#/components/schemas/Length"},
  "opacity": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
  "from": {"type": "number", "minimum": 0, "default": 0, "description": "Seconds of the output"},
  "to": {"type": "number", "exclusiveMinimum": 0, "description": "Left out: to the end"}}},
"Trim": {"type": "object", "additionalProperties": false, "description": "The part of the source that is used, to the frame; not with copy", "properties": {
  "from": {"type": "number", "minimum": 0, "default": 0, "description": "Seconds from the first picture"},
  "to": {"type": "number", "exclusiveMinimum": 0, "description": "Left out: to the end"}}},
"InputUrl": {"type": "string", "maxLength": 4096, "description": "file: inside a media root, or a public http(s) address (serve --allow-source allows others)", "examples": ["file:///media/in.mov", "https://media.example/in.mov"]},
"SubtitleFile": {"type": "object", "additionalProperties": false, "required": ["url", "language"], "properties": {
  "url": {"$ref": "#/components/schemas/InputUrl", "description": "SRT, WebVTT or ASS in UTF-8"},
  "language": {"type": "string", "pattern": "^[a-z]{2,3}$", "description": "ISO 639"},
  "label": {"type": "string", "maxLength": 64, "description": "As players show it; left out: the language"}}},
"Slide": {"type": "object", "additionalProperties": false, "minProperties": 1, "description": "An image or a text", "properties": {
  "image": {"$ref": "#/components/schemas/InputUrl", "description": "PNG, JPEG, WebP, GIF or BMP; turned upright by its EXIF orientation"},
  "text": {"type": "string", "maxLength": 1000, "description": "Lines of a text card"},
  "seconds": {"type": "number", "minimum": 0.04, "maximum": 3600, "description": "Left out: seconds_each"}}},
"UrlInput": {"type": "object", "additionalProperties": false, "required": ["url"], "properties": {
  "url": {"$ref": "#/components/schemas/InputUrl"},
  "subtitles": {"$ref": "#/components/schemas/SubtitleFiles"}}},
"SlidesInput": {"type": "object", "additionalProperties": false, "required": ["slides"], "description": "A slide show, 25 frames per second", "properties": {
  "slides": {"type": "array", "minItems": 1, "maxItems": 300, "items": {"$ref": "#/components/schemas/Slide"}},
  "seconds_each": {"type": "number", "minimum": 0.04, "maximum": 3600, "default": 3},
  "background": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "default": "#000000"},
  "size": {"type": "string", "examples": ["1280x720"], "description": "Of the frame, even; left out: the largest image's, within 1920x1080"},
  "audio": {"$ref": "#/components/schemas/InputUrl", "description": "A sound track, cut or filled up with silence to the pictures' length"},
  "subtitles": {"$ref": "#/components/schemas/SubtitleFiles"}}},
"SubtitleFiles": {"type": "array", "maxItems": 32, "items": {"$ref": "#/components/schemas/SubtitleFile"}, "description": "Beside the source's own; for adaptive outputs"},
"JobSpec": {"type": "object", "additionalProperties": false, "required": ["input", "outputs"], "properties": {
  "input": {"oneOf": [{"$ref": "#/components/schemas/UrlInput"}, {"$ref": "#/components/schemas/SlidesInput"}]},
  "outputs": {"type": "array", "minItems": 1, "maxItems": 32, "items": {"$ref": "#/components/schemas/Output"}},
  "overlays": {"type": "array", "maxItems": 16, "items": {"$ref": "#/components/schemas/Overlay"}},
  "trim": {"$ref": "#/components/schemas/Trim"},
  "on_damage": {"enum": ["refuse", "accept"], "default": "refuse", "description":
    "refuse: damage in the source fails the job with its place. accept: what decodes is used, and the receipt lists what was lost"},
  "real_time": {"type": "boolean", "default": false, "description": "Pictures are read no faster than they play: a file as a channel"},
  "full_decode": {"type": "boolean", "default": false, "description":
    "Every segment is decoded again in full before it counts. Left out: those of devices are; of the CPU's one of eight, and the key frames of the others"},
  "priority": {"type": "integer", "minimum": 0, "maximum": 100, "default": 50},
  "tags": {"type": "object", "maxProperties": 32, "additionalProperties": {"type": "string", "maxLength": 256}},
  "device": {"type": "string", "default": "auto", "examples": ["auto", "cpu", "cuda:0", "vaapi:/dev/dri/renderD128"]},
  "cores": {"type": "integer", "minimum": 1, "maximum": 1024, "description": "Left out: as many as the machine gives"}},
  "examples": [
    {"input": {"url": "file:///media/in.mov"}, "outputs": [{"name": "abr", "type": "adaptive"}]},
    {"input": {"url": "file:///media/in.mov", "subtitles": [{"url": "file:///media/in.srt", "language": "eng", "label": "English"}]},
     "outputs": [
       {"name": "abr", "type": "adaptive", "ladder": [{"height": 720, "bitrate": "2.8M", "fps": 30}, {"height": 360, "quality": 24, "max_bitrate": "1M"}],
        "package": ["hls", "dash"], "segment_seconds": 4, "codec": "h264", "preset": "veryfast", "audio": {"bitrate": "96k", "languages": ["eng", "fra"]}},
       {"name": "web", "type": "file", "container": "mp4", "video": {"height": 720, "bitrate": "2M", "fps": 30}, "audio": {"bitrate": "128k"}},
       {"name": "sound", "type": "audio", "container": "m4a", "audio": {"loudness": "ebu-r128"}},
       {"name": "stills", "type": "thumbnails", "at": [1.5, 10], "size": "320x180", "format": "jpg"},
       {"name": "scrub", "type": "sprites", "every": 5, "width": 160, "columns": 10}],
     "overlays": [{"image": {"url": "file:///media/logo.png"}, "x": 10, "y": 10, "width": "15%", "opacity": 0.8}],
     "trim": {"from": 0, "to": 30}, "priority": 50, "tags": {"title": "x"}},
    {"input": {"slides": [{"image": "file:///media/a.jpg"}, {"text": "The end", "seconds": 2}], "seconds_each": 3, "audio": "file:///media/a.m4a"},
     "outputs": [{"name": "show", "type": "file"}]},
    {"input": {"url": "file:///media/hdr.mkv"}, "on_damage": "accept",
     "outputs": [{"name": "hdr", "type": "adaptive", "codec": "hevc", "hdr": "keep"},
       {"name": "rewrapped", "type": "file", "container": "mkv", "video": {"codec": "copy"}, "audio": {"codec": "copy"}}]}]}
})json";

}  // namespace

nlohmann::ordered_json openapi_spec_schemas() {
  nlohmann::ordered_json schemas = nlohmann::ordered_json::parse(kSpec);
  schemas.update(nlohmann::ordered_json::parse(kOutputs));
  return schemas;
}

}  // namespace millrace::server
