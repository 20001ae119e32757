"""Sources over HTTP and HLS playlists, on the command line and over HTTP; and playlists that would read what is not theirs."""

import media
import program
from daemon import Daemon, adaptive
from program import millrace
from web import Web

SECONDS = 3
SECRET = b"bytes of another file of this machine " * 400


def as_playlist(*segments):
    return "#EXTM3U\n#EXT-X-VERSION:3\n" + "".join(f"#EXTINF:1.000000,\n{each}\n" for each in segments) + "#EXT-X-ENDLIST\n"


def spec_of(url):
    spec = adaptive("", [120])
    spec["input"]["url"] = url
    return spec


class Network(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.folder / "site"
        cls.site.mkdir()
        cls.clip = media.make_clip(cls.site / "clip.mp4", SECONDS, "320x180")
        (cls.site / "hls").mkdir()
        media.ffmpeg("-i", cls.clip, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod",
                     cls.site / "hls" / "list.m3u8")
        made = millrace("transcode", cls.clip, "-o", cls.site / "own", "--ladder", "180p", "--preset", "ultrafast")
        assert made.code == 0, made
        media.ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1", cls.site / "logo.png")
        (cls.site / "words.srt").write_text("1\n00:00:00,500 --> 00:00:02,000\nhello there\n")
        (cls.folder / "secret.ts").write_bytes(SECRET)
        cls.web = Web(cls.site)
        cls.addClassCleanup(cls.web.close)
        cls.plain = Web(cls.site, ranges=False)
        cls.addClassCleanup(cls.plain.close)
        cls.hidden = Web(cls.site, "127.0.0.2")
        cls.addClassCleanup(cls.hidden.close)
        cls.frames = media.count_frames(cls.clip)

    def transcoded(self, source, name, *flags):
        out = self.folder / name
        ran = millrace("transcode", source, "-o", out, "--ladder", "120p", "--preset", "ultrafast", "--mp4", *flags)
        self.assertEqual(0, ran.code, ran)
        self.assertEqual(0, millrace("verify", out).code)
        self.assertEqual(self.frames, media.count_frames(out / "web.mp4"))
        self.assertAlmostEqual(SECONDS, float(media.probe(out / "web.mp4", "-show_format")["format"]["duration"]), delta=0.06)
        return out

    def test_a_file_over_http(self):
        self.transcoded(self.web.url("clip.mp4?key=1"), "http")
        self.transcoded(self.plain.url("clip.mp4"), "http-plain")  # a server without ranges

    def test_a_connection_that_breaks_again_and_again(self):
        breaking = Web(self.site, cut=60_000)
        self.addCleanup(breaking.close)
        self.transcoded(breaking.url("clip.mp4"), "breaking")
        self.assertGreater(len(breaking.asked), 4)

    def test_playlists_from_the_network_and_from_the_disk(self):
        for number, source in enumerate((self.web.url("hls/list.m3u8"), self.site / "hls" / "list.m3u8")):
            self.transcoded(source, f"hls{number}")

    def test_a_master_playlist_with_its_sound_elsewhere(self):
        for number, source in enumerate((self.web.url("own/abr/master.m3u8"), self.site / "own" / "abr" / "master.m3u8")):
            out = self.transcoded(source, f"own{number}")
            self.assertTrue((out / "abr" / "audio").is_dir())
            self.assertEqual("", media.complaints(out / "web.mp4"))

    def test_inspect_and_explain_tell_of_it(self):
        told = millrace("inspect", self.web.url("hls/list.m3u8"), "--json")
        self.assertEqual(0, told.code, told)
        self.assertEqual("hls,mpegts", told.document["container"])
        self.assertAlmostEqual(SECONDS, told.document["duration_seconds"], delta=0.05)
        self.assertEqual(0, millrace("explain", self.web.url("clip.mp4")).code)

    def test_what_is_not_there_is_refused_with_a_sentence(self):
        ran = millrace("transcode", self.web.url("missing.mp4"), "-o", self.folder / "missing")
        self.assertEqual(3, ran.code, ran)
        self.assert_one_sentence(ran.err)
        self.assertIn("404", ran.err)
        self.assertFalse((self.folder / "missing").exists())

    def assert_no_secret_below(self, folder):
        for path in folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(SECRET[:30], path.read_bytes(), path)

    def hostile_targets(self):
        secret = self.folder / "secret.ts"
        self.web.redirects["away.ts"] = self.hidden.url("hls/list0.ts")
        return [f"file://{secret}", self.hidden.url("hls/list0.ts"), self.web.url("away.ts"), f"concat:{secret}"]

    def test_a_hostile_playlist_on_the_command_line(self):
        secret = self.folder / "secret.ts"
        (self.site / "hostile").mkdir()
        playlist = self.site / "hostile" / "list.m3u8"
        first = self.site / "hostile" / "0.ts"
        first.write_bytes((self.site / "hls" / "list0.ts").read_bytes())
        (self.site / "hostile" / "link.ts").symlink_to(secret)
        for target in (f"file://{secret}", str(secret), "../../secret.ts", "link.ts", self.web.url("hls/list0.ts")):
            playlist.write_text(as_playlist("0.ts", target))
            out = self.folder / "hostile-out"
            ran = millrace("transcode", playlist, "-o", out, "--ladder", "120p")
            self.assertEqual(3, ran.code, ran)
            self.assert_one_sentence(ran.err)
            self.assertIn("refused", ran.err)
            self.assertFalse(out.exists())
        for target in self.hostile_targets():
            playlist.write_text(as_playlist("0.ts", target))
            ran = millrace("inspect", self.web.url("hostile/list.m3u8"))
            self.assertEqual(3, ran.code, ran)
            self.assertIn("refused", ran.err)
        self.assertEqual([], self.hidden.asked)

    def test_a_job_over_http_and_a_hostile_one(self):
        daemon = Daemon(self.folder / "data", self.site, "--allow-source", "127.0.0.1")
        self.addCleanup(daemon.close)
        good = [daemon.submit(spec_of(self.web.url(name))) for name in ("clip.mp4", "own/abr/master.m3u8")]
        (self.site / "job").mkdir()
        playlist = self.site / "job" / "list.m3u8"
        for target in self.hostile_targets():
            playlist.write_text(as_playlist(self.web.url("hls/list0.ts"), target))
            bad = daemon.submit(spec_of(self.web.url("job/list.m3u8")))
            job = daemon.wait_for(bad, "failed")
            self.assertIn("refused", job["error"]["message"])
            looked = daemon.request("POST", "/v1/inspect", {"url": self.web.url("job/list.m3u8")})
            self.assertEqual(422, looked.status, looked)
        playlist.write_text(as_playlist("../../secret.ts"))
        looked = daemon.request("POST", "/v1/inspect", {"url": f"file://{playlist}"})
        self.assertEqual(422, looked.status, looked)
        beside = spec_of(f"file://{self.clip}")
        beside["input"]["subtitles"] = [{"url": self.web.url("words.srt"), "language": "eng"}]
        beside["overlays"] = [{"image": {"url": self.web.url("logo.png")}, "x": 0, "y": 0, "width": "20%"}]
        good.append(daemon.submit(beside))
        for id in good:
            job = daemon.wait_for(id, "completed")
            self.assertEqual(self.frames, job["receipt"]["outputs"][0]["renditions"][0]["frames_in"], job["receipt"])
        self.assertEqual([], self.hidden.asked)
        self.assertTrue(all(SECRET[:30] not in body for body in daemon.bodies))
        self.assert_no_secret_below(self.folder / "data")

    def test_private_addresses_are_refused_at_the_door(self):
        daemon = Daemon(self.folder / "closed", self.site)
        self.addCleanup(daemon.close)
        before = list(self.web.asked)
        for url in (self.web.url("clip.mp4"), "http://localhost/a.mp4", "http://169.254.169.254/", "http://[::1]/a"):
            for path, body in (("/v1/jobs", spec_of(url)), ("/v1/inspect", {"url": url})):
                answer = daemon.request("POST", path, body)
                self.assertEqual(422, answer.status, answer)
                self.assertEqual("input.url", answer.document["field"])
                self.assertIn("--allow-source", answer.document["detail"])
        self.assertEqual(before, self.web.asked)


if __name__ == "__main__":
    program.main()
