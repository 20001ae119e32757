"""bench/encoder_settings.py: a line for each settings of each clip, against the preset's own."""

import re
import subprocess

import media
import program

SCRIPT = program.ROOT / "bench" / "encoder_settings.py"


class EncoderSettings(program.SystemTest):
    def run_script(self, *words):
        return subprocess.run([SCRIPT, *map(str, words)], capture_output=True, text=True, timeout=300)

    def test_says_what_settings_cost_and_are_worth(self):
        clip = media.make_clip(self.folder / "clip.mp4", 2, "320x192", "25")
        ran = self.run_script("--rounds", 1, "crf=51", "--clips", f"{clip}:200k", f"{clip}:100k:1:1:96")
        self.assertEqual(0, ran.returncode, ran.stderr)
        lines = ran.stdout.splitlines()
        self.assertEqual(4, len(lines), ran.stdout)
        self.assertTrue(lines[0].startswith("clip  veryfast (its own): CPU "), lines[0])
        self.assertTrue(lines[3].startswith("clip_96  veryfast crf=51: CPU "), lines[3])
        for worst in (lines[1], lines[3]):
            self.assertRegex(worst, r"bits -\d")
            self.assertGreater(float(re.search(r"1-SSIM \+([\d.]+) %", worst)[1]), 50)

    def test_says_which_command_failed(self):
        clip = media.make_clip(self.folder / "short.mp4", 1, "64x64", "25")
        ran = self.run_script("--preset", "no-such", "ref=1", "--clips", f"{clip}:200k")
        self.assertEqual(1, ran.returncode)
        self.assertIn("encoder_settings.py: this failed with", ran.stderr)

    def test_refuses_what_tells_nothing(self):
        clip = media.make_clip(self.folder / "still.mp4", 1, "64x64", "25", filters="drawbox=t=fill:c=black")
        for bitrate, words in (("5", "the bitrate is '5': write 800k or 5M"), ("5M", "coded without loss")):
            ran = self.run_script("--rounds", 1, "ref=1", "--clips", f"{clip}:{bitrate}")
            self.assertEqual(1, ran.returncode)
            self.assertIn(words, ran.stderr)
            self.assertNotIn("Traceback", ran.stderr)


if __name__ == "__main__":
    program.main()
