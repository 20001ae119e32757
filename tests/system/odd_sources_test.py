"""Sources as the world makes them: turned, anamorphic, odd, irregular, of other ranges and depths, and such that change on the way."""

import array
import json
import struct

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


class ChangingSources(ladder.LadderTest):
    """Sources whose sound or pictures become others on the way."""

    def joined(self, name, *parts):
        path = self.folder / name
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
        return path

    def white(self, name, size, *codec, filters="null"):
        """Three seconds of white, with a little noise: Theora leaves out pictures that stand still."""
        path = self.folder / name
        media.ffmpeg("-f", "lavfi", "-i", f"color=white:size={size}:rate=25:duration=3", "-vf", f"noise=alls=8:allf=t,{filters}",
                     "-pix_fmt", "yuv420p", *codec, path)
        return path

    def assert_bars(self, path, seconds, bar, size=(640, 360)):
        """At that time the picture is white, with black bars of that width on both sides."""
        grey = self.folder / "grey.raw"
        media.ffmpeg("-i", path, *(["-ss", seconds] if seconds else []), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", grey)
        width, height = size
        line = grey.read_bytes()[width * (height // 2):][:width]
        self.assertEqual(width, len(line))
        edge = 8  # that coding may blur
        for at, shade in enumerate(line):
            inside = bar <= at < width - bar
            if min(abs(at - bar), abs(at - (width - bar))) > edge:
                self.assertTrue(shade > 200 if inside else shade < 50, f"{path}: column {at} is {shade}")

    def test_pictures_of_another_size_are_fitted_in_every_output(self):
        codec = ("-c:v", "libx264", "-preset", "ultrafast")
        source = self.joined("sizes.ts", self.white("wide.ts", "640x360", *codec), self.white("narrow.ts", "960x720", *codec))
        spec = {"outputs": [
            {"name": "abr", "type": "adaptive", "ladder": [{"height": 360}, {"height": 180}], "preset": "ultrafast"},
            {"name": "free", "type": "file", "container": "ogg", "video": {"height": 360}},
            {"name": "stills", "type": "thumbnails", "at": [1, 5], "size": "640x360", "format": "png"},
            {"name": "scrub", "type": "sprites", "every": 4, "width": 160, "columns": 2}]}
        out = self.folder / "out-sizes"
        ran = millrace("transcode", source, "-o", out, "--spec", "-", stdin=json.dumps(spec))
        self.assertEqual(0, ran.code, ran)
        for name, size in (("360p", (640, 360)), ("180p", (320, 180))):
            whole = media.joined(out / "abr" / name, self.folder / "whole.mp4")
            self.assertEqual("", media.complaints(whole))
            self.assertEqual(150, media.count_frames(whole))
            self.assert_bars(whole, 1, 0, size)
            self.assert_bars(whole, 5, size[0] // 8, size)
        self.assert_bars(out / "free.ogg", 1, 0)
        self.assert_bars(out / "free.ogg", 5, 80)
        self.assert_bars(out / "stills" / "0001.png", 0, 0)
        self.assert_bars(out / "stills" / "0002.png", 0, 80)
        self.assertEqual(0, millrace("verify", out, "--deep").code)

    def test_a_call_that_adapts_its_size(self):
        """VP8 in WebM, as browsers record calls: the size changes with the network, and the headers say the first one."""
        codec = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
        sizes = ("640x360", "320x180", "360x640", "640x360")
        names = [self.white(f"call{i}.webm", size, *codec).name for i, size in enumerate(sizes)]
        listed = self.folder / "call.txt"
        listed.write_text("".join(f"file '{name}'\n" for name in names))
        call = self.folder / "call.webm"
        media.ffmpeg("-f", "concat", "-i", listed, "-c", "copy", call)
        out = self.assert_rendition(call, (640, 360), frames=300)
        whole = media.joined(out / "abr" / "360p", self.folder / "whole.mp4")
        for seconds, bar in ((1, 0), (4, 0), (7, 219), (10, 0)):
            self.assert_bars(whole, seconds, bar)

    def test_pixels_that_change_their_shape(self):
        """A broadcast that goes from 16:9 to 4:3 in the same 720x576."""
        codec = ("-c:v", "mpeg2video", "-b:v", "2M")
        parts = [self.white(f"{name}.ts", "720x576", *codec, filters=f"setsar={aspect}")
                 for name, aspect in (("broad", "64/45"), ("square", "16/15"))]
        out = self.assert_rendition(self.joined("aspects.ts", *parts), (640, 360))
        whole = media.joined(out / "abr" / "360p", self.folder / "whole.mp4")
        self.assert_bars(whole, 1, 0)
        self.assert_bars(whole, 5, 80)

    def test_a_sample_rate_that_changes(self):
        """Two minutes after the change the sound still is in its place."""
        for first, second in ((48000, 44100), (44100, 48000)):
            parts = []
            for rate, seconds in ((first, 2), (second, 120)):
                parts.append(self.folder / f"{rate}-{seconds}.ts")
                media.ffmpeg("-f", "lavfi", "-i", f"aevalsrc=0.8*sin(2*PI*1000*t)*between(mod(t\\,118)\\,1\\,1.1):s={rate}:d={seconds}",
                             "-f", "lavfi", "-i", f"color=size=64x64:rate=5:duration={seconds}", "-c:a", "aac", "-c:v", "libx264",
                             "-preset", "ultrafast", "-pix_fmt", "yuv420p", parts[-1])
            out = self.folder / f"out-{first}"
            ran = millrace("transcode", self.joined(f"rates-{first}.ts", *parts), "-o", out, "--spec", "-", stdin=json.dumps(
                {"outputs": [{"name": "sound", "type": "audio", "container": "wav"}]}))
            self.assertEqual(0, ran.code, ran)
            raw = self.folder / "raw"
            media.ffmpeg("-i", out / "sound.wav", "-ac", "1", "-ar", "8000", "-f", "s16le", raw)
            samples = array.array("h", raw.read_bytes())
            loud = [at for at, sample in enumerate(samples) if abs(sample) > 6000]
            beeps = [at for before, at in zip([-8000, *loud], loud) if at - before > 4000]
            self.assertEqual(3, len(beeps))
            self.assertAlmostEqual(118, (beeps[2] - beeps[1]) / 8000, delta=0.01)

    def test_channels_that_nothing_names(self):
        """Of ten the first two are the stereo, and the plan says so; of four, as many as nobody names are taken for."""
        for channels, words in ((10, "the first two are taken for left and right"), (4, "they are taken for 4.0")):
            frames = struct.pack(f"<{channels}h", *(1000 * (channel + 1) for channel in range(channels))) * 48000
            head = struct.pack("<HHIIHHHHIH14s", 0xFFFE, channels, 48000, 96000 * channels, 2 * channels, 16, 22, 16, 0, 1,
                               bytes.fromhex("000000001000800000aa00389b71"))
            body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(frames)) + frames
            source = self.folder / f"discrete{channels}.wav"
            source.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
            spec = json.dumps({"outputs": [{"name": "sound", "type": "audio", "container": "wav"}]})
            plan = millrace("explain", source, "--spec", "-", stdin=spec)
            self.assertIn(f"no layout that can be mixed says what its {channels} channels are: {words}", plan.out, plan)
            out = self.folder / f"out-{channels}"
            ran = millrace("transcode", source, "-o", out, "--spec", "-", stdin=spec)
            self.assertEqual(0, ran.code, ran)
            raw = self.folder / "raw"
            media.ffmpeg("-i", out / "sound.wav", "-f", "s16le", raw)
            heard = struct.unpack_from("<2h", raw.read_bytes(), 40000)
            if channels == 10:
                self.assertTrue(abs(heard[0] - 1000) <= 1 and abs(heard[1] - 2000) <= 1, heard)
            else:
                self.assertGreater(min(heard), 1000)
        self.assertIn("10 channels (no layout)", millrace("inspect", self.folder / "discrete10.wav").out)


if __name__ == "__main__":
    program.main()
