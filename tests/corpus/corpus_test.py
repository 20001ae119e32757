"""Every real clip there is: it becomes a whole output, or a sentence says why not. Prints a table: clip, outcome, checks."""

import concurrent.futures
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import against_ffmpeg
import in_step
import media
import program
from program import millrace
from real_clips import DAMAGED, SIZES, WHOLE, outcome_of

OUT_OF_STEP = 0.020  # seconds that nobody sees


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

    def assert_whole(self, clip, name, work):
        """Frames, durations and a full decode; what was checked, in words."""
        checks = []
        out = work / "out"
        receipt = json.loads((out / "receipt.json").read_text())
        sounds = [track for output in receipt["outputs"] for track in output["sounds"]]
        renditions = receipt["outputs"][0]["renditions"]
        files = {track["folder"]: media.joined(out / track["folder"], work / f"{index}.mp4")
                 for index, track in enumerate([*renditions, *sounds])}
        for folder, file in files.items():
            self.assertEqual("", media.complaints(file), folder)
        video = main_video(clip)
        if video:
            wanted = media.frame_times(clip, str(video["index"]))
            for track in renditions:
                file = files[track["folder"]]
                times = media.frame_times(file)
                self.assertEqual(len(wanted), len(times), track["folder"])
                if track["name"] == "360p":
                    self.assertEqual(SIZES.get(name, (640, 360)), media.size_of(file))
                self.assertEqual("yuv420p", media.probe(file)["streams"][0]["pix_fmt"])
                self.assertEqual("1:1", media.probe(file)["streams"][0].get("sample_aspect_ratio", "1:1"))
                self.assertEqual(track["frames_in"], track["frames_out"])
            checks.append(f"{len(wanted)} frames in and out")
            checks.append(self.assert_near_ffmpeg(clip, name, video, work))
            if sounds:
                checks.append(self.assert_in_step(clip, wanted, files[sounds[0]["folder"]], times))
        if sounds and renditions:
            longest = max(track["duration_seconds"] for track in sounds)
            # Where the source does not say how long its picture is, its sound ends where it ends.
            says = float(media.probe(clip)["format"].get("duration", 0))
            self.assertLessEqual(longest, max(renditions[0]["duration_seconds"], says) + 0.05)
        checks.append(f"{len(sounds)} sounds")
        self.assertEqual(0, millrace("verify", out, "--deep").code)
        return ", ".join(checks + ["decodes", "verifies"])

    def assert_near_ffmpeg(self, clip, name, video, work):
        (ours, theirs), rung = against_ffmpeg.compare(clip, name, video["index"], work)
        said = f"SSIM of {rung} {ours:.4f} (ffmpeg {theirs:.4f})"
        self.assertGreaterEqual(ours, theirs - against_ffmpeg.LOSS, said)
        return said

    def assert_in_step(self, clip, clip_times, sound, times):
        source = millrace("inspect", clip, "--json").document
        index = source["audio"][source["chosen_audio"]]["index"]
        found = in_step.drift(clip, index, clip_times, sound, times)
        if found is None:
            return "sound too quiet or short to compare"
        start, end = found
        said = f"sound {1000 * start:+.0f} and {1000 * end:+.0f} ms"
        self.assertLessEqual(max(abs(start), abs(end)), OUT_OF_STEP, said)
        return said

    def checks_of(self, clip, name):
        """Runs the clip; what was checked, in words. It has a folder of its own, so that several may run at once."""
        outcome, words = outcome_of(name)
        work = Path(tempfile.mkdtemp(dir=self.folder))
        out = work / "out"
        try:
            ran = self.transcode(clip, out)
            if outcome == WHOLE:
                self.assertEqual(0, ran.code, ran)
                return self.assert_whole(clip, name, work)
            self.assertEqual(3, ran.code, ran)
            self.assert_one_sentence(ran.err)
            self.assertIn(words, ran.err)
            self.assertFalse(out.exists())
            checks = ran.err.strip().removeprefix("millrace: ").replace(f"{clip.parent}/", "")
            if outcome == DAMAGED:
                ran = self.transcode(clip, out, "--on-damage", "accept")
                self.assertEqual(0, ran.code, ran)
                lost = json.loads((out / "receipt.json").read_text())["lost"]
                self.assertGreater(len(lost), 0)
                self.assertEqual(0, millrace("verify", out, "--deep").code)
                checks += f"; accepted: {len(lost)} places lost"
            return checks
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def test_every_clip(self):
        folder = program.media_folder()
        clips = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "MANIFEST.md")
        names = [str(clip.relative_to(folder)) for clip in clips]
        # Two at a time, as ctest counts it: much of a clip's checks keeps one core busy.
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(self.checks_of, clip, name) for clip, name in zip(clips, names)]
            for name, run in zip(names, runs):
                self.rows.append((name, "FAILED", ""))
                with self.subTest(name):
                    self.rows[-1] = (name, outcome_of(name)[0], run.result())


if __name__ == "__main__":
    if program.media_folder() is None:
        print("skipped: no folder of real clips (MILLRACE_MEDIA)")
        raise SystemExit(program.SKIPPED)
    program.main()
