"""Hostile and broken input, on the command line and over HTTP: a sentence within seconds, in bounded memory, and all goes on."""

import json
import os
import resource
import signal
import struct

import hostile
import media
import program
import real_clips
from daemon import Daemon, adaptive
from program import millrace, wait_until

SOON = 30  # seconds: a refusal that takes longer hangs
MOST_MEGABYTES = 1000  # of one process, whatever it is given
SIDE = 65535


def words_of(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


class BadInput(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 2, "320x180")
        cls.make_sources()
        cls.make_images()
        cls.make_subtitles()
        cls.server = Daemon(cls.folder / "data", cls.folder)
        cls.addClassCleanup(cls.all_is_well)

    @classmethod
    def all_is_well(cls):
        try:
            id = cls.server.submit(adaptive(cls.clip, ladder=[180]))
            cls.server.wait_for(id, "completed")
            assert cls.server.stop() == 0, cls.server.logged()
        finally:
            cls.server.close()
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"the largest process had {megabytes} MB")
        assert program.SANITIZED or megabytes < MOST_MEGABYTES, f"a process had {megabytes} MB"

    # ---- the files ----

    @classmethod
    def make_sources(cls):
        """name: words of its refusal."""
        def at(name):
            return cls.folder / name
        front = at("front.mp4")
        media.ffmpeg("-i", cls.clip, "-c", "copy", "-movflags", "+faststart", front)
        jpegs = at("jpegs.avi")
        media.ffmpeg("-f", "lavfi", "-i", "color=size=64x64:rate=5:duration=1", "-c:v", "mjpeg", jpegs)
        at("wide.avi").write_bytes(hostile.jpeg_of_size(jpegs.read_bytes(), SIDE, SIDE))
        hostile.h264_of_size(at("wide.264"), 4096, 4096)
        hostile.patched(at("long.mp4"), front, ("edts", -4, b"free"), ("mdhd", 12, words_of(1)), ("stts", 8, words_of(50, 0x7FFFFFFF)))
        hostile.with_tracks(at("tracks.mp4"), front, 3000)
        hostile.patched(at("index.mp4"), front, ("stsz", 4, words_of(1, 0x7FFFFFFF)))
        hostile.patched(at("samples.mp4"), front, ("stsz", 8, words_of(0x0FFFFFFF)))
        hostile.patched(at("runs.mp4"), front, ("stsc", 8, words_of(1, 0x7FFFFFFF, 1)))
        at("boxes.mp4").write_bytes(front.read_bytes()[:32] + struct.pack(">I4s", 0x7FFFFFFF, b"moov") * 200_000)
        at("concat.mp4").write_text("ffconcat version 1.0\nfile /etc/passwd\n")
        at("drawing.mp4").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"></svg>')
        hostile.png(at("picture.mp4"), 30_000, 30_000)
        os.mkfifo(at("pipe.mp4"))
        (at("up.mp4")).symlink_to(cls.folder)
        cls.sources = {
            "wide.avi": "wide.avi", "wide.264": "wide.264", "long.mp4": "596523 h later", "tracks.mp4": "more than 256 tracks",
            "index.mp4": "index.mp4", "samples.mp4": "samples.mp4", "runs.mp4": "runs.mp4", "boxes.mp4": "moov",
            "concat.mp4": "concat.mp4", "drawing.mp4": "not a media file", "picture.mp4": "slide show",
            "pipe.mp4": "not a", "up.mp4": "not a",
        }

    @classmethod
    def make_images(cls):
        """name: (words, or None for one that is fine, more of the overlay)."""
        def at(name):
            return cls.folder / name
        hostile.png(at("bomb.png"), 30_000, 30_000)
        hostile.png(at("header.png"), SIDE, SIDE, pictured=False)
        hostile.png(at("large.png"), 8192, 8192)
        hostile.png(at("text.png"), 64, 64, [(b"zTXt", b"Comment\0\0" + hostile.zeros(1 << 31))])
        media.ffmpeg("-f", "lavfi", "-i", "color=size=64x64", "-frames:v", "1", at("small.jpg"))
        at("wide.jpg").write_bytes(hostile.jpeg_of_size(at("small.jpg").read_bytes(), SIDE, SIDE))
        at("cut.png").write_bytes(at("large.png").read_bytes()[:1000])
        cls.images = {
            "bomb.png": ("30000x30000 is too large", {}), "header.png": ("65535x65535 is too large", {}),
            "wide.jpg": ("cannot decode", {}), "cut.png": ("damaged PNG", {}), "clip.mp4": ("not a PNG", {}),
            "small.jpg": ("outside the picture", {"x": 5000}), "nothing.png": ("nothing.png", {}),
            "large.png": (None, {"width": "10%"}), "text.png": (None, {}),
        }

    @classmethod
    def make_subtitles(cls):
        """name: words."""
        said = "1\n00:00:00,500 --> 00:00:01,500\nÇa va, señor? Über Brücken.\n\n"
        (cls.folder / "latin1.srt").write_bytes(said.encode("latin-1"))
        (cls.folder / "utf16.srt").write_bytes(said.encode("utf-16"))
        (cls.folder / "long.srt").write_text(said + "x" * (20 * hostile.MEGABYTE))
        cls.subtitles = {"latin1.srt": "Latin-1", "utf16.srt": "UTF-16", "long.srt": "too large", "clip.mp4": "UTF-8"}

    # ---- the checks ----

    def url(self, name):
        return f"file://{self.folder / name}"

    def spec(self, source="clip.mp4", **more):
        return {**adaptive(self.folder / source, ladder=[180]), **more}

    def refused(self, spec, words, codes=(3,)):
        """By the command line with one of those exit codes, and by the server: as a request, or the job fails."""
        out = self.folder / "out"
        ran = millrace("transcode", spec["input"]["url"], "-o", out, "--spec", "-", stdin=json.dumps(spec), within=SOON)
        self.assertIn(ran.code, codes, ran)
        self.assert_one_sentence(ran.err)
        self.assertIn(words, ran.err)
        self.assertFalse(out.exists(), "the output folder is left over")
        self.refused_by_server(spec, words)

    def refused_by_server(self, spec, words):
        answer = self.server.request("POST", "/v1/jobs", spec)
        if answer.status == 422:
            self.assertIn("application/problem+json", answer.headers["Content-Type"])
            return
        self.assertEqual(201, answer.status, answer)
        error = self.server.wait_for(answer.document["id"], "failed", within=SOON)["error"]
        self.assertIn(words, error["message"])
        self.assertNotEqual("internal", error["code"], error)

    def test_sources(self):
        for name, words in self.sources.items():
            with self.subTest(name):
                self.refused(self.spec(name), words)
                answer = self.server.request("POST", "/v1/inspect", {"url": self.url(name)})
                self.assertEqual(422, answer.status, answer)

    def test_overlays(self):
        for name, (words, more) in self.images.items():
            spec = self.spec(overlays=[{"image": {"url": self.url(name)}, "x": 0, "y": 0, **more}])
            with self.subTest(name):
                if words is None:
                    self.server.wait_for(self.server.submit(spec), "completed")
                else:
                    self.refused(spec, words, (2, 3))

    def test_subtitles(self):
        for name, words in self.subtitles.items():
            with self.subTest(name):
                spec = self.spec()
                spec["input"]["subtitles"] = [{"url": self.url(name), "language": "en"}]
                self.refused(spec, words)

    def test_times_past_the_end(self):
        stills = {"name": "stills", "type": "thumbnails"}
        for spec, words in ((self.spec(outputs=[{**stills, "at": [0, 5]}]), "past the end"),
                            (self.spec(outputs=[{**stills, "at": [1e300]}]), "outputs[0].at[0]"),
                            (self.spec(outputs=[{**stills, "every": 1e-9}]), "outputs[0].every"),
                            (self.spec(trim={"from": 100}), "trim")):
            with self.subTest(words):
                self.refused(spec, words, (2,))

    def test_real_clips_that_are_broken(self):
        folder = program.media_folder()
        if folder is None:
            self.skipTest("no folder of real clips (MILLRACE_MEDIA)")
        for path in sorted((folder / "broken").iterdir()):
            name = f"broken/{path.name}"
            copy = self.folder / path.name
            copy.write_bytes(path.read_bytes())
            outcome, words = real_clips.outcome_of(name)
            with self.subTest(name):
                if outcome == real_clips.WHOLE:
                    spec = {**self.spec(), **adaptive(copy)}
                    self.server.wait_for(self.server.submit(spec), "completed")
                else:
                    self.refused_by_server(adaptive(copy), words)

    def test_workers_that_crash_are_replaced(self):
        crash = signal.SIGKILL if program.SANITIZED else signal.SIGSEGV  # of which a sanitizer makes a report
        wait_until(lambda: program.signal_workers(crash), "a warm worker")
        self.server.wait_for(self.server.submit(self.spec()), "completed")


if __name__ == "__main__":
    program.main()
