"""Every kind of output, through the command line and over HTTP: what a decoder finds in it, and what its receipt says."""

import json
import re

import media
import program
from daemon import Daemon
from program import millrace

SECONDS = 6
RATE = 25

# name: (container, video settings, codec that ffprobe names, sound's codec)
FILES = {
    "mp4": ("mp4", {"height": 240, "preset": "ultrafast"}, "h264", "aac"),
    "hevc": ("mp4", {"height": 240, "codec": "hevc", "preset": "ultrafast"}, "hevc", "aac"),
    "av1": ("mp4", {"height": 240, "codec": "av1", "preset": "ultrafast"}, "av1", "aac"),
    "matroska": ("mkv", {"height": 240, "preset": "ultrafast", "quality": 28}, "h264", "aac"),
    "quicktime": ("mov", {"height": 240, "preset": "ultrafast", "quality": 28, "max_bitrate": "500k"}, "h264", "aac"),
    "stream": ("ts", {"height": 240, "preset": "ultrafast"}, "h264", "aac"),
    "web": ("webm", {"height": 240, "preset": "ultrafast"}, "vp9", "opus"),
    "free": ("ogg", {"height": 240}, "theora", "vorbis"),
    "same": ("mp4", {"codec": "copy"}, "h264", "aac"),
}
# container: codec
SOUNDS = {"m4a": "aac", "mp3": "mp3", "ogg": "vorbis", "opus": "opus", "flac": "flac", "wav": "pcm_s16le"}


def spec(source):
    outputs = [{"name": "abr", "type": "adaptive", "ladder": [{"height": 360}, {"height": 240}], "preset": "ultrafast"}]
    for name, (container, video, _, _) in FILES.items():
        outputs.append({"name": name, "type": "file", "container": container, "video": video})
    outputs += [{"name": f"sound-{container}", "type": "audio", "container": container} for container in SOUNDS]
    outputs += [
        {"name": "stills", "type": "thumbnails", "at": [0, 2.5, 5.99], "size": "160x160", "format": "png"},
        {"name": "every", "type": "thumbnails", "every": 2, "width": 160},
        {"name": "scrub", "type": "sprites", "every": 1, "width": 80, "columns": 4},
    ]
    return {"input": {"url": f"file://{source}"}, "outputs": outputs}


class Outputs(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clip = media.make_clip(cls.folder / "clip.mp4", SECONDS, "640x360", str(RATE))

    def stream(self, path, kind):
        return next((stream for stream in media.probe(path)["streams"] if stream["codec_type"] == kind), None)

    def assert_outputs(self, out, receipt):
        frames = SECONDS * RATE
        self.assertEqual(len(spec(self.clip)["outputs"]), len(receipt["outputs"]))
        self.assertTrue(all(check["holds"] for check in receipt["checks"]))
        for name, (container, _, picture, sound) in FILES.items():
            with self.subTest(name):
                path = out / f"{name}.{container}"
                self.assertEqual("", media.complaints(path))
                self.assertEqual(picture, self.stream(path, "video")["codec_name"])
                self.assertEqual(sound, self.stream(path, "audio")["codec_name"])
                self.assertEqual(frames, media.count_frames(path))
                self.assertAlmostEqual(SECONDS, float(media.probe(path)["format"]["duration"]), delta=0.1)
        for container, codec in SOUNDS.items():
            with self.subTest(container):
                path = out / f"sound-{container}.{container}"
                self.assertEqual("", media.complaints(path))
                self.assertIsNone(self.stream(path, "video"))
                self.assertEqual(codec, self.stream(path, "audio")["codec_name"])
                self.assertAlmostEqual(SECONDS, float(media.probe(path)["format"]["duration"]), delta=0.1)
        with self.subTest("stills"):
            self.assertEqual(["0001.png", "0002.png", "0003.png"], sorted(path.name for path in (out / "stills").iterdir()))
            for path in (out / "stills").iterdir():
                self.assertEqual((160, 160), media.size_of(path))
            self.assertEqual(3, len(list((out / "every").glob("*.jpg"))))
            self.assertEqual((160, 90), media.size_of(out / "every" / "0001.jpg"))
        with self.subTest("sprites"):
            self.assertEqual((320, 92), media.size_of(out / "scrub.jpg"))  # six pictures of 80x46 in rows of four
            cues = re.findall(r"^(\S+) --> (\S+).*\n(\S+)$", (out / "scrub.vtt").read_text(), re.MULTILINE)
            self.assertEqual(6, len(cues))
            self.assertEqual("scrub.jpg#xywh=0,46,80,46", cues[4][2])
            self.assertEqual("00:00:04.000", cues[4][0])

    def test_on_the_command_line(self):
        out = self.folder / "out"
        ran = millrace("transcode", self.clip, "-o", out, "--spec", "-", "--json", stdin=json.dumps(spec(self.clip)), within=600)
        self.assertEqual(0, ran.code, ran)
        self.assert_outputs(out, ran.document["receipt"])
        self.assertEqual(0, millrace("verify", out, "--deep").code)
        still = out / "stills" / "0002.png"
        still.write_bytes(still.read_bytes()[:-1])
        self.assertEqual(1, millrace("verify", out).code)

    def test_over_http(self):
        daemon = Daemon(self.folder / "data", self.folder)
        self.addCleanup(daemon.close)
        id = daemon.submit(spec(self.clip))
        job = daemon.wait_for(id, "completed", within=600)
        self.assertEqual({1}, {output["done"] for output in job["progress"]["outputs"]})
        out = self.folder / "fetched"
        for file in job["receipt"]["files"]:
            answer = daemon.get(f"/v1/jobs/{id}/files/{file['path']}")
            self.assertEqual(200, answer.status, file)
            (out / file["path"]).parent.mkdir(parents=True, exist_ok=True)
            (out / file["path"]).write_bytes(answer.body)
        self.assert_outputs(out, job["receipt"])

    def test_trim_overlay_and_two_codecs(self):
        logo = self.folder / "logo.png"
        media.ffmpeg("-f", "lavfi", "-i", "color=c=white:size=64x64", "-frames:v", "1", logo)
        wish = {"outputs": [
                    {"name": "abr", "type": "adaptive", "codec": "hevc", "preset": "ultrafast", "ladder": [{"height": 360}]},
                    {"name": "web", "type": "file", "video": {"height": 240, "preset": "ultrafast"}}],
                "trim": {"from": 1.0, "to": 3.0},
                "overlays": [{"image": {"url": f"file://{logo}"}, "anchor": "bottom_right", "x": 0, "y": 0, "width": "25%"}]}
        out = self.folder / "cut"
        ran = millrace("transcode", self.clip, "-o", out, "--spec", "-", stdin=json.dumps(wish))
        self.assertEqual(0, ran.code, ran)
        whole = media.joined(out / "abr" / "360p", self.folder / "whole.mp4")
        for path, size in ((whole, (640, 360)), (out / "web.mp4", (426, 240))):
            self.assertEqual(2 * RATE, media.count_frames(path))
            self.assertEqual(size, media.size_of(path))
            grey = self.folder / "corner.raw"
            media.ffmpeg("-i", path, "-frames:v", "1", "-vf", f"crop=8:8:{size[0] - 12}:{size[1] - 12},format=gray", "-f", "rawvideo", grey)
            self.assertGreater(min(grey.read_bytes()), 200, f"the overlay is missing in {path.name}")

    def test_subtitles_are_burnt_in_where_that_is_asked(self):
        clip = media.make_clip(self.folder / "dark.mp4", seconds=3, size="320x180", filters="drawbox=t=fill:c=black")
        boxes = media.pgs_boxes(self.folder / "boxes.sup", (320, 180), [(1, 2, 80, 120, 160, 40)])
        text = self.folder / "text.srt"
        text.write_text("1\n00:00:01,000 --> 00:00:02,000\nMMMMMMMMMM\n")
        source = self.folder / "subtitled.mkv"
        media.ffmpeg("-copyts", "-i", clip, "-i", boxes, "-i", text, "-map", "0", "-map", "1", "-map", "2", "-c", "copy",
                     "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=deu", source)
        fast = {"preset": "ultrafast"}
        wish = {"outputs": [
            {"name": "abr", "type": "adaptive", "ladder": [{"height": 180}, {"height": 96}], "burn": "eng", **fast},
            {"name": "web", "type": "file", "video": {"height": 180, **fast}},
            {"name": "text", "type": "file", "video": {"height": 180, **fast}, "burn": "de"},
            {"name": "ogg", "type": "file", "container": "ogg", "video": {"height": 96}, "burn": 2}]}
        out = self.folder / "burnt"
        ran = millrace("transcode", source, "-o", out, "--spec", "-", stdin=json.dumps(wish))
        self.assertEqual(0, ran.code, ran)
        rungs = [media.joined(out / "abr" / name, self.folder / f"{name}.mp4") for name in ("180p", "96p")]
        for path, burnt in ((rungs[0], True), (rungs[1], True), (out / "web.mp4", False), (out / "text.mp4", True),
                            (out / "ogg.ogg", True)):
            width, height = media.size_of(path)
            for at, white in ((0.5, False), (1.06, burnt), (1.9, burnt), (2.06, False)):
                grey = self.folder / "box.raw"
                # Theora leaves out pictures that are as the one before.
                there = f"tpad=stop_mode=clone:stop_duration=2,fps={RATE},select=gte(t\\,{at})"
                crop = f"crop={width // 4}:{height // 4}:{width * 3 // 8}:{height * 3 // 4 - 4},format=gray"
                media.ffmpeg("-i", path, "-frames:v", "1", "-vf", f"{there},{crop}", "-f", "rawvideo", grey)
                level = max(grey.read_bytes())
                self.assertTrue(level > 200 if white else level < 50, f"{path.name} at {at} s: {level}")
        refused = millrace("transcode", source, "-o", self.folder / "none", "--spec", "-",
                           stdin=json.dumps({"outputs": [{"name": "web", "type": "file", "burn": "fra"}]}))
        self.assertEqual(2, refused.code, refused)
        self.assertIn("2 (hdmv_pgs_subtitle, eng), 3 (subrip, deu)", refused.err)


if __name__ == "__main__":
    program.main()
