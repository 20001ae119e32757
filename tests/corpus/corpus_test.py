"""Every real clip there is: it becomes a whole output, or a sentence says why not. Prints a table: clip, outcome, checks."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import media
import program
from program import millrace

WHOLE, REFUSED, DAMAGED = "whole", "refused", "damaged"

# What becomes of a clip that is not simply whole: refused (exit 3) with these words, or damaged: refused by default, and with
# "on_damage": "accept" made of what decodes, with what was lost in the receipt.
OTHERS = {
    "broken/bitflips_in_mdat_derived.mp4": (DAMAGED, "at "),
    "broken/truncated_faststart_bbb_derived.mp4": (DAMAGED, "cut short"),
    "broken/no_timescale.mp4": (DAMAGED, "at 0.000 s"),
    "broken/malformed_free_box.mp4": (REFUSED, ""),
    "broken/text_renamed.mp4": (REFUSED, "not a media file"),
    "broken/truncated_no_moov_derived.mp4": (REFUSED, "moov"),
    "broken/vp9_invalid_bitstream.webm": (REFUSED, ""),
    "broken/zero_bytes.mp4": (REFUSED, "empty"),
    "containers/hls_bbb480/480p.m3u8": (REFUSED, "playlist"),
    "odd/external_subtitles_styled.srt": (REFUSED, ""),
}
# The size of the 360p rendition where it is not simply 16:9 of an upright source.
SIZES = {
    "clips/crowd_480x360_11s.mp4": (480, 360),
    "clips/crystal_720x480_12s.mp4": (540, 360),
    "containers/fragmented_h264.mp4": (540, 360),
    "containers/sample_av1_aac.mp4": (540, 360),
    "containers/sample_h264.flv": (540, 360),
    "odd/hdr10_av1_10bit_portrait720x1280.mp4": (360, 640),
    "odd/portrait_4k60_rot90_h264.mp4": (360, 640),
    "odd/portrait_rot90_hevc10_hlg_editlist.mp4": (360, 640),
    "odd/rotated270_h264_720p.mp4": (360, 640),
    "odd/sar_64x45_800x640.mp4": (640, 360),
    "odd/single_frame_hevc.mp4": (480, 360),
    "odd/subs_ass.mkv": (540, 360),
    "odd/subs_pgs.mkv": (540, 360),
    "odd/two_audio_langs_srt_derived.mkv": (540, 360),
}
STILLS = (".jpg", ".png")  # no videos: refused as a source


def outcome_of(name):
    return OTHERS.get(name, (REFUSED, "") if name.endswith(STILLS) else (WHOLE, ""))


def main_video(path):
    """The picture that a player would choose, as ffprobe has it; None for sound alone."""
    pictures = [stream for stream in media.probe(path)["streams"]
                if stream["codec_type"] == "video" and not stream["disposition"]["attached_pic"]]
    defaults = [stream for stream in pictures if stream["disposition"]["default"]]
    return (defaults or pictures or [None])[0]


class Corpus(program.SystemTest):
    rows = []

    @classmethod
    def tearDownClass(cls):
        width = max((len(row[0]) for row in cls.rows), default=0)
        print(f"\n{'clip':{width}}  outcome  checks")
        for name, outcome, checks in cls.rows:
            print(f"{name:{width}}  {outcome:7}  {checks}")
        super().tearDownClass()

    def transcode(self, clip, out, *more):
        return millrace("transcode", clip, "-o", out, "--preset", "ultrafast", "--json", *self.ladder(clip), *more, within=600)

    def ladder(self, clip):
        """One rendition is enough here: 360p, or the auto ladder's only one of a smaller picture."""
        try:
            video = main_video(clip)
        except AssertionError:
            return ()  # ffprobe cannot read it either
        return ("--ladder", "360p") if video and min(video.get("width", 0), video.get("height", 0)) >= 360 else ()

    def assert_whole(self, clip, name, out):
        """Frames, durations and a full decode; what was checked, in words."""
        checks = []
        receipt = json.loads((out / "receipt.json").read_text())
        for output in receipt["outputs"]:
            for track in [*output["renditions"], *output["sounds"]]:
                whole = media.joined(out / track["folder"], self.folder / "whole.mp4")
                self.assertEqual("", media.complaints(whole), track["folder"])
        video = main_video(clip)
        if video:
            wanted = media.count_frames(clip, str(video["index"]))
            for track in receipt["outputs"][0]["renditions"]:
                whole = media.joined(out / track["folder"], self.folder / "whole.mp4")
                self.assertEqual(wanted, media.count_frames(whole), track["folder"])
                if track["name"] == "360p":
                    self.assertEqual(SIZES.get(name, (640, 360)), media.size_of(whole))
                self.assertEqual("yuv420p", media.probe(whole)["streams"][0]["pix_fmt"])
                self.assertEqual("1:1", media.probe(whole)["streams"][0].get("sample_aspect_ratio", "1:1"))
                self.assertEqual(track["frames_in"], track["frames_out"])
            checks.append(f"{wanted} frames in and out")
        sounds = [track for output in receipt["outputs"] for track in output["sounds"]]
        renditions = receipt["outputs"][0]["renditions"]
        if sounds and renditions:
            longest = max(track["duration_seconds"] for track in sounds)
            # Where the source does not say how long its picture is, its sound ends where it ends.
            says = float(media.probe(clip)["format"].get("duration", 0))
            self.assertLessEqual(longest, max(renditions[0]["duration_seconds"], says) + 0.05)
        checks.append(f"{len(sounds)} sounds")
        self.assertEqual(0, millrace("verify", out, "--deep").code)
        return ", ".join(checks + ["decodes", "verifies"])

    def test_every_clip(self):
        folder = program.media_folder()
        clips = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "MANIFEST.md")
        for index, clip in enumerate(clips):
            name = str(clip.relative_to(folder))
            outcome, words = outcome_of(name)
            with self.subTest(name):
                out = self.folder / f"out{index}"
                self.rows.append((name, "FAILED", ""))
                ran = self.transcode(clip, out)
                checks = ""
                if outcome == WHOLE:
                    self.assertEqual(0, ran.code, ran)
                    checks = self.assert_whole(clip, name, out)
                else:
                    self.assertEqual(3, ran.code, ran)
                    self.assert_one_sentence(ran.err)
                    self.assertIn(words, ran.err)
                    self.assertFalse(out.exists())
                    checks = ran.err.strip().removeprefix("millrace: ").replace(str(folder) + "/", "")
                if outcome == DAMAGED:
                    ran = self.transcode(clip, out, "--on-damage", "accept")
                    self.assertEqual(0, ran.code, ran)
                    lost = json.loads((out / "receipt.json").read_text())["lost"]
                    self.assertGreater(len(lost), 0)
                    self.assertEqual(0, millrace("verify", out, "--deep").code)
                    checks += f"; accepted: {len(lost)} places lost"
                self.rows[-1] = (name, outcome, checks)


if __name__ == "__main__":
    if program.media_folder() is None:
        print("skipped: no folder of real clips (MILLRACE_MEDIA)")
        raise SystemExit(program.SKIPPED)
    program.main()
