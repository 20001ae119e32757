"""`millrace-bench capacity`, briefly: a stream is paced, measured and reported; a stop leaves a report of what is known."""

import json
import signal
import subprocess
import time

import media
import program

BENCH = program.BUILD / "millrace-bench"
SPEC = {"outputs": [{"name": "abr", "type": "adaptive", "ladder": [{"height": 96}], "segment_seconds": 1, "preset": "ultrafast"},
                    {"name": "web", "type": "file", "video": {"height": 96, "preset": "ultrafast"}}]}


class Capacity(program.SystemTest):
    def setUp(self):
        super().setUp()
        self.clip = media.make_clip(self.folder / "clip.mp4", seconds=2, size="128x96")
        (self.folder / "spec.json").write_text(json.dumps(SPEC))
        self.result = self.folder / "capacity.json"

    def start(self, *more, profile=None):
        return subprocess.Popen([BENCH, "capacity", "--profile", profile or self.folder / "spec.json", "--source", self.clip, "--folder",
                                 self.folder, "--json", self.result, *map(str, more)], env=program.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_one_stream_is_paced_measured_and_reported(self):
        page = self.folder / "capacity.html"
        for _ in range(3):  # a round that meets two seconds in which the machine stands still is cut short, rightly
            begun = time.monotonic()
            bench = self.start("--seconds", 3, "--warm-up", 1, "--most", 1, "--html", page)
            out, errors = bench.communicate(timeout=120 * program.PATIENCE)
            self.assertEqual(0, bench.returncode, errors)
            report = json.loads(self.result.read_text())
            if not report["rounds"][0]["cut_short"]:
                break
        self.assertGreater(time.monotonic() - begun, 3.5)  # four seconds of media, read as they play
        self.assertEqual("capacity", report["kind"])
        self.assertEqual([1], [each["streams"] for each in report["rounds"]])
        tracks = {}
        for segment in report["rounds"][0]["each_stream"][0]["segments"]:
            tracks.setdefault(segment["track"], []).append(segment["media_end_seconds"])
            if segment["track"] == "abr/96p":
                self.assertGreater(segment["finished_seconds"], segment["media_end_seconds"] - 0.9)
        self.assertEqual({"abr/96p": 4, "abr/audio": 4}, {track: len(ends) for track, ends in tracks.items()})
        self.assertIn("repeated", report["environment"]["source"]["description"])
        self.assertIn("<svg", page.read_text())
        same = subprocess.run([BENCH, "compare", self.result, self.result], capture_output=True, text=True, timeout=60)
        self.assertEqual(0, same.returncode, same.stderr)
        self.assertIn("streams_per_core", same.stdout)

    def test_a_stop_leaves_a_report_of_what_is_known(self):
        bench = self.start("--seconds", 600, "--warm-up", 1)
        for line in bench.stderr:
            if "1 stream for about" in line:
                break
        bench.send_signal(signal.SIGINT)
        _, errors = bench.communicate(timeout=60 * program.PATIENCE)
        self.assertEqual(4, bench.returncode, errors)
        report = json.loads(self.result.read_text())
        self.assertTrue(report["interrupted"])
        self.assertEqual([], report["rounds"])

    def test_what_cannot_be_measured_is_refused(self):
        for warm_up, profile, code, says in [(5, None, 3, "less than the warm-up of 5 s"),
                                             (1, "nonsense", 2, "there is no profile 'nonsense'")]:
            bench = self.start("--seconds", 1, "--warm-up", warm_up, profile=profile)
            _, errors = bench.communicate(timeout=60 * program.PATIENCE)
            self.assertEqual(code, bench.returncode, errors)
            self.assertIn(says, errors)
        (self.folder / "spec.json").write_text(json.dumps({**SPEC, "device": "cuda"}))
        bench = self.start("--seconds", 1, "--warm-up", 1)
        _, errors = bench.communicate(timeout=60 * program.PATIENCE)
        self.assertEqual(5, bench.returncode, errors)


if __name__ == "__main__":
    program.main()
