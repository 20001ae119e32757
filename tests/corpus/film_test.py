"""A minute of film, the long way: four renditions and a file, frame for frame."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import media
import program
from program import millrace


class Film(program.SystemTest):
    def test_the_main_clip(self):
        clip = program.media_folder() / "clips" / "bbb_1080p25_62s.mp4"
        out = self.folder / "film"
        ran = millrace("transcode", clip, "-o", out, "--package", "hls,dash", "--mp4", "--json", within=900)
        self.assertEqual(0, ran.code, ran)
        frames = media.count_frames(clip)
        starts = set()
        for name in ("1080p", "720p", "480p", "360p"):
            whole = media.joined(out / "abr" / name, self.folder / "whole.mp4")
            self.assertEqual(frames, media.frames_of_a_well_file(whole), name)
            starts.add(tuple(media.segment_times(segment)[0] for segment in media.segments_of(out / "abr" / name)))
        self.assertEqual(1, len(starts))
        self.assertEqual(frames, media.frames_of_a_well_file(out / "web.mp4"))
        self.assertEqual(0, millrace("verify", out, "--deep").code)


if __name__ == "__main__":
    if program.media_folder() is None or not (program.media_folder() / "clips" / "bbb_1080p25_62s.mp4").exists():
        print("skipped: no folder of real clips (MILLRACE_MEDIA) with clips/bbb_1080p25_62s.mp4")
        raise SystemExit(program.SKIPPED)
    program.main()
