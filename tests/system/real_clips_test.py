"""Files that cameras and sites made, from the folder of real clips."""

import ladder
import media
import program
from program import millrace

# File and the size of its 360p rendition.
TURNED_AND_SHAPED = {
    "odd/portrait_4k60_rot90_h264.mp4": (360, 640),
    "odd/portrait_rot90_hevc10_hlg_editlist.mp4": (360, 640),
    "odd/rotated270_h264_720p.mp4": (360, 640),
    "odd/hdr10_av1_10bit_portrait720x1280.mp4": (360, 640),
    "odd/hdr10_hevc10_1080p_sdr_container.mp4": (640, 360),
    "odd/sar_64x45_800x640.mp4": (640, 360),
    "odd/vfr_derived_bbb_720p_8s.mp4": (640, 360),
    "odd/interlaced_1080i_avchd_sony_0.5s.mts": (640, 360),
    "odd/interlaced_480i_mpeg2_derived.ts": (640, 360),
    "odd/single_frame_hevc.mp4": (480, 360),
    "odd/yuv444p_mp3mono_720p.mp4": (640, 360),
    "odd/two_audio_langs_srt_derived.mkv": None,
    "containers/fragmented_h264.mp4": (540, 360),
    "containers/h264_1080p50_pcm.mov": (640, 360),
    "containers/rgb_vp9_opus.webm": (640, 360),
    "containers/bbb_mpeg2_1080p_mp2.ts": (640, 360),
    "containers/sample_h264.flv": (540, 360),
    "containers/sample_av1_aac.mp4": (540, 360),
    "clips/crowd_480x360_11s.mp4": (480, 360),
}
BROKEN = ("zero_bytes.mp4", "text_renamed.mp4", "truncated_no_moov_derived.mp4", "malformed_free_box.mp4",
          "truncated_faststart_bbb_derived.mp4", "vp9_invalid_bitstream.webm")


class RealClips(ladder.LadderTest):
    def real(self, name):
        path = program.media_folder() / name
        if not path.exists():
            self.skipTest(f"{name} is not among the clips")
        return path

    def test_every_odd_clip_becomes_a_whole_ladder(self):
        for name, size in TURNED_AND_SHAPED.items():
            with self.subTest(name):
                self.assert_rendition(self.real(name), size, ladder="360p")

    def test_small_clips_keep_their_size(self):
        for name in ("odd/short_1.2s_320x240.mp4", "odd/odd_dimensions_vp9.webm", "containers/small_theora_vorbis.ogv",
                     "containers/car_mpeg4_mp3.avi", "containers/small_h263_amr.3gp"):
            with self.subTest(name):
                out = self.folder / name.replace("/", "-")
                ran = millrace("transcode", self.real(name), "-o", out, *ladder.FAST)
                self.assertEqual(0, ran.code, ran)
                (track,) = [path.parent for path in (out / "abr").glob("*/init.mp4") if path.parent.name != "audio"]
                whole = media.joined(track, self.folder / "whole.mp4")
                self.assertEqual("", media.complaints(whole))
                self.assertEqual(media.count_frames(self.real(name)), media.count_frames(whole))

    def test_broken_clips_are_refused_with_a_sentence(self):
        for name in BROKEN:
            with self.subTest(name):
                out = self.folder / f"out-{name}"
                ran = millrace("transcode", self.real(f"broken/{name}"), "-o", out)
                self.assertEqual(3, ran.code, ran)
                self.assert_one_sentence(ran.err)
                self.assertFalse(out.exists())

    def test_content_counts_and_not_the_name(self):
        ran = millrace("inspect", self.real("broken/webm_wrong_extension.mp4"), "--json")
        self.assertEqual(0, ran.code, ran)
        self.assertIn("webm", ran.document["container"])

    def test_main_clip_whole(self):
        """The long way: a minute of film in four renditions and one file."""
        clip = self.real("clips/bbb_1080p25_62s.mp4")
        out = self.folder / "film"
        ran = millrace("transcode", clip, "-o", out, "--package", "hls,dash", "--mp4", "--json", within=900)
        self.assertEqual(0, ran.code, ran)
        frames = media.count_frames(clip)
        starts = set()
        for name in ("1080p", "720p", "480p", "360p"):
            whole = media.joined(out / "abr" / name, self.folder / "whole.mp4")
            self.assertEqual("", media.complaints(whole), name)
            self.assertEqual(frames, media.count_frames(whole), name)
            starts.add(tuple(media.segment_times(segment)[0] for segment in media.segments_of(out / "abr" / name)))
        self.assertEqual(1, len(starts))
        self.assertEqual(frames, media.count_frames(out / "web.mp4"))
        self.assertEqual(0, millrace("verify", out, "--deep").code)


if __name__ == "__main__":
    if program.media_folder() is None:
        print("skipped: no folder of real clips (MILLRACE_MEDIA)")
        raise SystemExit(program.SKIPPED)
    program.main()
