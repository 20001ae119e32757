"""`millrace transcode` from a clip to a ladder that ffmpeg plays, and `millrace verify` over it."""

import json
import shutil

import media
import program
from program import millrace


class Transcode(program.SystemTest):
    """One clip, transcoded once; every test looks at the result."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 29.97 frames a second: times that are no whole ticks of a frame wherever somebody rounds.
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 11, "1280x720", "30000/1001")
        cls.out = cls.folder / "out"
        cls.ran = millrace("transcode", cls.clip, "-o", cls.out, "--package", "hls,dash", "--mp4", "--json")
        assert cls.ran.code == 0, cls.ran
        cls.frames = media.count_frames(cls.clip)
        cls.renditions = [cls.out / "abr" / name for name in ("720p", "480p", "360p")]

    def test_gives_one_document_and_is_silent(self):
        self.assertEqual("completed", self.ran.document["state"])
        self.assertEqual("", self.ran.err)
        receipt = json.loads((self.out / "receipt.json").read_text())
        self.assertEqual(receipt, self.ran.document["receipt"])

    def test_leaves_the_files_of_the_contract_and_no_other(self):
        self.assertEqual({"abr", "web.mp4", "receipt.json"}, {path.name for path in self.out.iterdir()})
        self.assertEqual({"master.m3u8", "manifest.mpd", "720p", "480p", "360p", "audio"},
                         {path.name for path in (self.out / "abr").iterdir()})
        for track in [*self.renditions, self.out / "abr" / "audio"]:
            names = {path.name for path in track.iterdir()}
            count = len(media.segments_of(track))
            self.assertEqual({"init.mp4", "playlist.m3u8"} | {f"{i + 1:05}.m4s" for i in range(count)}, names)

    def test_every_rendition_decodes_completely(self):
        for track in [*self.renditions, self.out / "abr" / "audio"]:
            self.assertEqual("", media.complaints(media.joined(track, self.folder / f"{track.name}.mp4")), track)

    def test_no_frame_is_lost_or_doubled(self):
        for track in self.renditions:
            self.assertEqual(self.frames, media.count_frames(media.joined(track, self.folder / "count.mp4")), track)
            self.assertEqual(self.frames, sum(len(media.segment_times(s)) for s in media.segments_of(track)), track)

    def test_sizes_are_those_of_the_names(self):
        sizes = [media.size_of(media.joined(track, self.folder / "size.mp4")) for track in self.renditions]
        self.assertEqual([(1280, 720), (854, 480), (640, 360)], sizes)

    def test_segments_start_at_the_same_tick_in_all_renditions(self):
        starts = [[media.segment_times(segment)[0] for segment in media.segments_of(track)] for track in self.renditions]
        self.assertEqual(starts[0], starts[1])
        self.assertEqual(starts[0], starts[2])
        self.assertEqual(3, len(starts[0]))
        self.assertEqual(len(starts[0]), len(media.segments_of(self.out / "abr" / "audio")))

    def test_frames_of_all_renditions_are_shown_at_the_same_ticks(self):
        shown = [[time for segment in media.segments_of(track) for time in media.segment_times(segment)]
                 for track in self.renditions]
        self.assertEqual(shown[0], shown[1])
        self.assertEqual(shown[0], shown[2])
        self.assertEqual(len(shown[0]), len(set(shown[0])))

    def test_every_segment_opens_with_an_idr(self):
        for track in self.renditions:
            for segment in media.segments_of(track):
                alone = self.folder / "alone.mp4"
                alone.write_bytes((track / "init.mp4").read_bytes() + segment.read_bytes())
                self.assertEqual("", media.complaints(alone), segment)
                self.assertEqual(len(media.segment_times(segment)), media.count_frames(alone), segment)

    def test_hls_plays(self):
        master = self.out / "abr" / "master.m3u8"
        self.assertEqual("", media.complaints(master))
        self.assertEqual(self.frames, media.count_frames(master))
        for track in self.renditions:
            self.assertIn(f"{track.name}/playlist.m3u8", master.read_text())
            playlist = (track / "playlist.m3u8").read_text()
            self.assertIn("#EXT-X-ENDLIST", playlist)
            self.assertIn("#EXT-X-PLAYLIST-TYPE:VOD", playlist)

    def test_dash_plays(self):
        self.assertEqual("", media.complaints(self.out / "abr" / "manifest.mpd"))
        self.assertEqual(self.frames, media.count_frames(self.out / "abr" / "manifest.mpd"))

    def test_mp4_is_whole_and_opens_at_once(self):
        web = self.out / "web.mp4"
        self.assertEqual("", media.complaints(web))
        self.assertEqual(self.frames, media.count_frames(web))
        self.assertEqual({"video", "audio"}, {stream["codec_type"] for stream in media.probe(web)["streams"]})
        head = web.read_bytes()
        self.assertLess(head.find(b"moov"), head.find(b"mdat"))

    def test_sound_is_as_long_as_the_source(self):
        for path in (self.out / "web.mp4", media.joined(self.out / "abr" / "audio", self.folder / "sound.mp4")):
            samples = sum(int(frame["nb_samples"]) for frame in media.probe(path, "-show_frames", "-select_streams", "a:0")["frames"])
            self.assertAlmostEqual(11 * 48000, samples, delta=2 * 1024, msg=path)

    def test_verify_holds(self):
        for flags in ([], ["--deep"]):
            ran = millrace("verify", self.out, *flags, "--json")
            self.assertEqual(0, ran.code, ran)
            self.assertTrue(ran.document["whole"])
            self.assertTrue(ran.document["checks"])

    def broken_copy(self, name):
        copy = self.folder / name
        shutil.copytree(self.out, copy)
        self.addCleanup(shutil.rmtree, copy)
        return copy

    def assert_broken(self, copy, where):
        ran = millrace("verify", copy)
        self.assertEqual(1, ran.code, ran)
        self.assertIn(where, ran.out)
        self.assert_one_sentence(ran.err)
        found = millrace("verify", copy, "--json")
        self.assertEqual(1, found.code)
        self.assertFalse(found.document["whole"])

    def test_verify_finds_one_changed_byte(self):
        copy = self.broken_copy("changed")
        segment = copy / "abr" / "480p" / "00002.m4s"
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 1
        segment.write_bytes(data)
        self.assert_broken(copy, "480p")

    def test_verify_finds_a_missing_segment(self):
        copy = self.broken_copy("missing")
        (copy / "abr" / "audio" / "00001.m4s").unlink()
        self.assert_broken(copy, "audio")

    def test_verify_finds_a_cut_file(self):
        copy = self.broken_copy("cut")
        with open(copy / "web.mp4", "r+b") as file:
            file.truncate(1000)
        self.assert_broken(copy, "web")

    def test_verify_finds_a_foreign_file(self):
        copy = self.broken_copy("foreign")
        (copy / "abr" / "360p" / "00099.m4s").write_bytes(b"not ours")
        self.assert_broken(copy, "360p")

    def test_inspect_and_explain_tell_of_the_clip(self):
        source = millrace("inspect", self.clip, "--json")
        self.assertEqual(0, source.code, source)
        self.assertEqual((1280, 720), tuple(source.document["video"][0][side] for side in ("width", "height")))
        self.assertIn("720", millrace("inspect", self.clip).out)
        plan = millrace("explain", self.clip, "--ladder", "480p", "--json")
        self.assertEqual(0, plan.code, plan)
        self.assertEqual(["abr/480p"], [rendition["folder"] for rendition in plan.document["renditions"]])
        self.assertIn("480p", millrace("explain", self.clip, "--ladder", "480p").out)


if __name__ == "__main__":
    program.main()
