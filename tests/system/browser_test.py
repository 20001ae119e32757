"""Players that people use, on what became of odd clips and on renditions of two encoders: hls.js and dash.js in headless
Chromium play to the end."""

import json
import os
import shutil
import subprocess

import program
from program import millrace

PLAYERS = program.ROOT / "tests" / "browser"
FAST = ("--preset", "ultrafast")

# Clip: the shape of its largest rendition, seconds, audio tracks, subtitle tracks.
CLIPS = {
    "odd/rotated270_h264_720p.mp4": (720 / 1280, 5.0, 1, 0),
    "odd/sar_64x45_800x640.mp4": (1138 / 640, 4.0, 0, 0),
    "odd/vfr_derived_bbb_720p_8s.mp4": (1280 / 720, 8.0, 1, 0),
    "odd/two_audio_langs_srt_derived.mkv": (720 / 480, 10.0, 2, 1),
    "odd/portrait_rot90_hevc10_hlg_editlist.mp4": (1080 / 1920, 2.5, 1, 0),
    "containers/bbb_mpeg2_1080p_mp2.ts": (1920 / 1080, 2.5, 1, 0),
}


def missing():
    """What stands in the way of a run, as a sentence; None if nothing does."""
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.access(chromium, os.X_OK):
        return f"no Chromium at {chromium} (Debian's package chromium)"
    if not shutil.which("node"):
        return "no node (Debian's package nodejs)"
    if not (PLAYERS / "node_modules" / "playwright-core").is_dir():
        return "no players: run npm ci in tests/browser"
    return None


# What tests/browser/two_encoders.cpp makes: seconds, pictures, and the widths that may be on show at the end.
TWO_ENCODERS = program.BUILD / "tests" / "two_encoders"
SECONDS = 10
PICTURES = 250
WIDTHS = {
    "out/abr/master.m3u8": (640, 320),
    "out/abr/manifest.mpd": (640, 320),
    "out/abr/manifest.mpd#360": (640,),
    "out/abr/manifest.mpd#180": (320,),
    "out/abr/360p/playlist.m3u8": (640,),
    "out/abr/180p/playlist.m3u8": (320,),
}


def play(root, manifests):
    """What tests/browser/play.mjs saw of each manifest below root."""
    played = subprocess.run(["node", str(PLAYERS / "play.mjs"), str(root), *manifests], capture_output=True, text=True,
                            env=program.environment(), timeout=900)
    if played.returncode != 0:
        raise AssertionError(played.stderr)
    return json.loads(played.stdout)


class Browser(program.SystemTest):
    def assert_played(self, state, seconds):
        self.assertEqual([], state["errors"])
        self.assertTrue(state["ended"])
        self.assertAlmostEqual(seconds, state["duration"], delta=0.2)
        self.assertGreaterEqual(max(state["times"]), seconds - 0.5)
        self.assertEqual(sorted(state["times"]), state["times"], "time went back")

    def test_odd_clips_play_to_their_end(self):
        if program.media_folder() is None:
            self.skipTest("no folder of real clips (MILLRACE_MEDIA)")
        clips = {name: want for name, want in CLIPS.items() if (program.media_folder() / name).exists()}
        self.assertGreaterEqual(len(clips), 5, "fewer than five of the clips are there")
        manifests = []
        for index, name in enumerate(clips):
            ran = millrace("transcode", program.media_folder() / name, "-o", self.folder / str(index), *FAST)
            self.assertEqual(0, ran.code, ran)
            manifests += [f"{index}/abr/master.m3u8", f"{index}/abr/manifest.mpd"]
        seen = play(self.folder, manifests)
        for index, (name, (shape, seconds, sounds, texts)) in enumerate(clips.items()):
            for manifest in (f"{index}/abr/master.m3u8", f"{index}/abr/manifest.mpd"):
                with self.subTest(clip=name, manifest=manifest):
                    state = seen[manifest]
                    self.assert_played(state, seconds)
                    self.assertAlmostEqual(shape, state["width"] / state["height"], delta=0.01)
                    if sounds > 1:
                        self.assertEqual(sounds, state["audioTracks"])
                    if texts:
                        self.assertEqual(texts, state["textTracks"])

    def test_renditions_of_two_encoders_play_past_the_change(self):
        folder = self.folder / "two-encoders"
        folder.mkdir()
        made = subprocess.run([str(TWO_ENCODERS), str(folder)], capture_output=True, text=True, env=program.environment(),
                              timeout=300 * program.PATIENCE)
        self.assertEqual(0, made.returncode, made.stderr)
        for rendition in ("360p", "180p"):
            self.assertIn('#EXT-X-MAP:URI="init-2.mp4"', (folder / "out/abr" / rendition / "playlist.m3u8").read_text())
        seen = play(folder, WIDTHS)
        for manifest, widths in WIDTHS.items():
            with self.subTest(manifest=manifest):
                state = seen[manifest]
                self.assert_played(state, SECONDS)
                self.assertIn(state["width"], widths)
                self.assertEqual(1, len(state["buffered"]), f"holes are between {state['buffered']}")
                self.assertLess(state["buffered"][0][0], 0.1)
                self.assertGreater(state["buffered"][0][1], SECONDS - 0.1)
                # A damaged picture has another number.
                self.assertEqual(sorted(state["pictures"]), state["pictures"])
                self.assertGreaterEqual(state["pictures"][-1], PICTURES * (SECONDS - 1) // SECONDS)


if __name__ == "__main__":
    why = missing()
    if why:
        print(f"skipped: {why}")
        raise SystemExit(program.SKIPPED)
    program.main()
