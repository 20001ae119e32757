"""Sources as the world makes them: turned, anamorphic, odd, irregular, of other ranges and depths."""

import json

import ladder
import media
import program
from program import millrace


class OddSources(ladder.LadderTest):
    def clip(self, name, *arguments, **more):
        return media.make_clip(self.folder / name, 3, *arguments, **more)

    def test_turned_by_a_quarter(self):
        upright = self.clip("upright.mp4", "640x360")
        for degrees in (90, 270):
            self.assert_rendition(media.turn(self.folder / f"turned{degrees}.mp4", upright, degrees), (360, 640))

    def test_turned_by_half(self):
        self.assert_rendition(media.turn(self.folder / "turned180.mp4", self.clip("up.mp4", "640x360"), 180), (640, 360))

    def test_portrait(self):
        self.assert_rendition(self.clip("portrait.mp4", "360x640"), (360, 640))

    def test_anamorphic(self):
        self.assert_rendition(self.clip("anamorphic.mp4", "480x360", filters="setsar=4/3"), (640, 360))

    def test_odd_width_and_height(self):
        odd = self.clip("odd.webm", "641x361", sound=False, video=["-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"])
        self.assert_rendition(odd, (640, 360))

    def test_smaller_than_the_ladder(self):
        out = self.folder / "out-small.mp4"
        source = self.clip("small.mp4", "160x120")
        ran = millrace("transcode", source, "-o", out, *ladder.FAST)
        self.assertEqual(0, ran.code, ran)
        (track,) = [path.parent for path in (out / "abr").glob("*/init.mp4") if path.parent.name != "audio"]
        self.assertEqual((160, 120), media.size_of(media.joined(track, self.folder / "whole.mp4")))

    def test_irregular_frame_times(self):
        irregular = self.folder / "irregular.mp4"
        media.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=50:duration=6", "-vf",
                     "select='not(mod(n,7))+not(mod(n,11))+between(t,2,3)'", "-vsync", "vfr", "-c:v", "libx264",
                     "-preset", "ultrafast", "-pix_fmt", "yuv420p", irregular)
        self.assert_rendition(irregular, (640, 360))

    def test_full_range(self):
        full = self.clip("full.mp4", video=["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuvj420p"])
        out = self.assert_rendition(full, (640, 360))
        picture = media.probe(media.joined(out / "abr" / "360p", self.folder / "whole.mp4"))["streams"][0]
        self.assertIn(picture.get("color_range", "tv"), ("tv", "unknown"))

    def test_high_dynamic_range(self):
        bright = self.clip("bright.mp4", video=[
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020",
            "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-x264-params",
            "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"])
        out = self.assert_rendition(bright, (640, 360))
        picture = media.probe(media.joined(out / "abr" / "360p", self.folder / "whole.mp4"))["streams"][0]
        self.assertIn(picture.get("color_transfer", "bt709"), ("bt709", "unknown"))

    def test_chroma_of_every_kind(self):
        for name, form in (("c422.mp4", "yuv422p"), ("c444.mp4", "yuv444p")):
            self.assert_rendition(self.clip(name, video=["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", form]), (640, 360))

    def test_interlaced(self):
        woven = self.folder / "woven.ts"
        media.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=720x576:rate=50:duration=3", "-vf", "interlace=scan=tff,setsar=16/15",
                     "-c:v", "mpeg2video", "-b:v", "4M", "-flags", "+ilme+ildct", woven)
        self.assert_rendition(woven, (480, 360))

    def test_interlaced_after_a_progressive_beginning(self):
        def blurred(name, rate, filters, *flags):
            media.ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=720x576:rate={rate}:duration=2", "-vf", f"gblur=sigma=6{filters}",
                         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *flags, self.folder / name)
            return (self.folder / name).read_bytes()

        leader = blurred("leader.h264", 25, "", "-x264-params", "fake-interlaced=1")
        fields = blurred("fields.h264", 50, ",interlace=scan=tff:lowpass=off", "-flags", "+ildct+ilme")
        both = self.folder / "both.h264"
        both.write_bytes(leader + fields)
        source = self.folder / "both.mkv"
        media.ffmpeg("-r", "25", "-i", both, "-c", "copy", "-field_order", "tt", source)
        self.assertGreater(media.combed_frames(source), 40)
        out = self.assert_rendition(source, (720, 576), name="576p", ladder="576p")
        self.assertLess(media.combed_frames(media.joined(out / "abr" / "576p", self.folder / "whole.mp4")), 5)

    def test_one_frame(self):
        single = self.folder / "single.mp4"
        media.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-frames:v", "1", "-c:v", "libx264",
                     "-pix_fmt", "yuv420p", single)
        self.assert_rendition(single, (640, 360), frames=1)

    def test_sound_that_is_shorter_longer_and_late(self):
        for name, flags in (("shorter.mp4", ["-t", "1"]), ("longer.mp4", ["-t", "5"]), ("late.mkv", ["-itsoffset", "1", "-t", "2"])):
            mixed = self.folder / name
            media.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=3", *flags, "-f", "lavfi", "-i",
                         "sine=sample_rate=44100", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a",
                         "aac", mixed)
            self.assert_rendition(mixed, (640, 360))

    def assert_sound(self, out, seconds):
        """A player gets that much sound, and the receipt says that it was not cut short."""
        sound = media.joined(out / "abr" / "audio", self.folder / "sound.mp4")
        times = media.frame_times(sound, "a:0")
        self.assertAlmostEqual(seconds, times[-1] - times[0], delta=0.1, msg=out)
        checks = json.loads((out / "receipt.json").read_text())["checks"]
        self.assertEqual([("abr/audio", True)], [(each["where"], each["holds"]) for each in checks if each["name"] == "end of sound"])

    def test_media_that_goes_on_behind_what_its_container_promises(self):
        long = media.make_clip(self.folder / "sixteen.mp4", 16, video=[
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"])
        for name in ("short.mkv", "short.flv"):
            media.ffmpeg("-i", long, "-c", "copy", self.folder / name)
        (self.folder / "short").mkdir()
        media.ffmpeg("-i", long, "-c", "copy", "-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
                     "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", self.folder / "short" / "%d.m4s",
                     self.folder / "short" / "short.m3u8")
        for name in ("short.mkv", "short.flv", "short/short.m3u8"):
            source = media.promise_seconds(self.folder / name, 4)
            self.assertAlmostEqual(16, millrace("inspect", source, "--json").document["duration_seconds"], delta=0.1, msg=name)
            self.assert_sound(self.assert_rendition(source, (640, 360), frames=400), 16)
            out = self.folder / f"part-{source.name}"
            ran = millrace("transcode", source, "-o", out, "--trim", "6:10", *ladder.FAST)
            self.assertEqual(0, ran.code, ran)
            self.assertEqual(100, media.count_frames(media.joined(out / "abr" / "360p", self.folder / "whole.mp4")), name)
            self.assert_sound(out, 4)


if __name__ == "__main__":
    program.main()
