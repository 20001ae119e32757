"""Slide shows through the command line and over HTTP: what a decoder sees at which time, and what is said of them."""

import json
import subprocess

import media
import program
from daemon import Daemon
from program import millrace

RATE = 25
# What each slide shows in its middle, and for how long.
SLIDES = (("red", 1.0), ("lime", 1.4), ("blue", 0.6))
COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}
SECONDS = sum(seconds for _, seconds in SLIDES) + 1  # and a text card


def middle_of(path, seconds):
    """The colour in the middle of the picture on show then."""
    ran = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-ss", str(seconds), "-i", str(path), "-frames:v", "1",
                          "-vf", "crop=8:8,scale=1:1,format=rgb24", "-f", "rawvideo", "-"], capture_output=True)
    return tuple(ran.stdout)


def loudness_between(path, start, end):
    """The mean volume in dB."""
    ran = subprocess.run(["ffmpeg", "-v", "info", "-nostdin", "-i", str(path), "-af",
                          f"atrim={start}:{end},volumedetect", "-vn", "-f", "null", "-"], capture_output=True, text=True)
    line = next(line for line in ran.stderr.splitlines() if "mean_volume" in line)
    return float(line.split("mean_volume:")[1].split()[0])


class Slides(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for colour, _ in SLIDES:
            media.ffmpeg("-f", "lavfi", "-i", f"color=c={colour}:size=320x180", "-frames:v", "1", cls.folder / f"{colour}.png")
        media.ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2", "-c:a", "aac", cls.folder / "short.m4a")

    def spec(self, **more):
        slides = [{"image": f"file://{self.folder}/{colour}.png", "seconds": seconds} for colour, seconds in SLIDES]
        return {
            "input": {"slides": slides + [{"text": "The end\n{of it}"}], "seconds_each": 1, "audio": f"file://{self.folder}/short.m4a", **more},
            "outputs": [
                {"name": "abr", "type": "adaptive", "ladder": [{"height": 180}], "preset": "ultrafast", "segment_seconds": 1},
                {"name": "show", "type": "file", "container": "mp4", "video": {"preset": "ultrafast"}},
                {"name": "sound", "type": "audio", "container": "wav"},
                {"name": "stills", "type": "thumbnails", "at": [0.5, 2.0, 2.7], "format": "png"},
            ],
        }

    def assert_outputs(self, out, receipt):
        self.assertTrue(all(check["holds"] for check in receipt["checks"]))
        film = media.joined(out / "abr" / "180p", self.folder / "joined.mp4")
        for path in (out / "show.mp4", film):
            with self.subTest(str(path)):
                self.assertEqual("", media.complaints(path))
                self.assertEqual((320, 180), media.size_of(path))
                self.assertEqual(SECONDS * RATE, media.count_frames(path))
                for seconds, colour in ((0.2, "red"), (0.9, "red"), (1.1, "lime"), (2.3, "lime"), (2.45, "blue"), (2.9, "blue")):
                    for seen, meant in zip(middle_of(path, seconds), COLOURS[colour]):
                        self.assertAlmostEqual(meant, seen, delta=12, msg=f"{seconds}: {colour}")
        for path in (out / "show.mp4", out / "sound.wav"):
            self.assertGreater(loudness_between(path, 0.1, 1.9), -30)
            self.assertLess(loudness_between(path, 2.2, 4), -60)
            self.assertAlmostEqual(SECONDS, float(media.probe(path)["format"]["duration"]), delta=0.05)
        for number, colour in ((1, "red"), (2, "lime"), (3, "blue")):
            for seen, meant in zip(middle_of(out / "stills" / f"{number:04}.png", 0), COLOURS[colour]):
                self.assertAlmostEqual(meant, seen, delta=12)

    def test_on_the_command_line(self):
        file = self.folder / "show.json"
        file.write_text(json.dumps(self.spec()))
        seen = millrace("inspect", "--spec", file)
        self.assertEqual(0, seen.code, seen)
        self.assertIn("slide show of 4 slides", seen.out)
        self.assertIn("320x180", seen.out)
        plan = millrace("explain", "--spec", file)
        self.assertEqual(0, plan.code, plan)
        self.assertIn("3 images and 1 text card, 4 s at 25 fps, 320x180", plan.out)
        self.assertIn("2 s of silence follow it", plan.out)
        out = self.folder / "out"
        ran = millrace("transcode", "-o", out, "--spec", file, "--json")
        self.assertEqual(0, ran.code, ran)
        self.assert_outputs(out, ran.document["receipt"])
        self.assertEqual(0, millrace("verify", out, "--deep").code)

    def test_over_http(self):
        daemon = Daemon(self.folder / "data", self.folder)
        self.addCleanup(daemon.close)
        answer = daemon.request("POST", "/v1/inspect", self.spec()["input"])
        self.assertEqual(200, answer.status, answer)
        self.assertEqual(4, answer.document["duration_seconds"])
        id = daemon.submit(self.spec())
        job = daemon.wait_for(id, "completed")
        self.assert_outputs(self.folder / "data" / "jobs" / id / "out", job["receipt"])
        outside = self.spec()
        outside["input"]["slides"][1]["image"] = "file:///etc/passwd"
        refused = daemon.request("POST", "/v1/jobs", outside)
        self.assertEqual(422, refused.status, refused)
        self.assertEqual("input.slides[1].image", refused.document["field"])
        for url in ("slides:{}", "slides:" + json.dumps({"slides": []})):
            self.assertEqual(422, daemon.request("POST", "/v1/inspect", {"url": url}).status)

    def test_real_photographs(self):
        media_folder = program.media_folder()
        if media_folder is None:
            self.skipTest("MILLRACE_MEDIA is not set")
        images = media_folder / "images"
        spec = {"input": {"slides": [{"image": f"file://{images}/{name}.jpg"} for name in
                                     ("slide_landscape_exif1", "slide_landscape_exif6", "slide_portrait_exif1")],
                          "seconds_each": 0.2, "size": "360x240"},
                "outputs": [{"name": "stills", "type": "thumbnails", "at": [0.1, 0.3, 0.5], "format": "png"}]}
        out = self.folder / "photographs"
        ran = millrace("transcode", "-o", out, "--spec", "-", "--json", stdin=json.dumps(spec))
        self.assertEqual(0, ran.code, ran)
        compared = subprocess.run(
            ["ffmpeg", "-v", "info", "-nostdin", "-i", out / "stills" / "0001.png", "-i", out / "stills" / "0002.png",
             "-lavfi", "ssim", "-f", "null", "-"], capture_output=True, text=True)
        likeness = float(compared.stderr.split("All:")[1].split()[0])
        self.assertGreater(likeness, 0.9, "the turned photograph is the upright one")
        self.assertEqual((360, 240), media.size_of(out / "stills" / "0003.png"))


if __name__ == "__main__":
    program.main()
