"""A minute of film, the long way. tests/corpus looks at every other clip."""

import media
import program
from program import millrace


class RealClips(program.SystemTest):
    def real(self, name):
        path = program.media_folder() / name
        if not path.exists():
            self.skipTest(f"{name} is not among the clips")
        return path

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
