"""With an NVIDIA GPU: what it is, a job whose worker is killed on it, and what it measures. All is left in the build's gpu/."""

import json
import signal
import subprocess
import sys

import media
import program
from daemon import Daemon, Follower, adaptive
from program import millrace, wait_until

RESULTS = program.BUILD / "gpu"
BENCH = program.BUILD / "millrace-bench"
DEVICE = "cuda:0"


def why_no_card():
    """The inventory's note; empty where there is a card."""
    document = millrace("probe", "--json").document
    if any(gpu["vendor"] == "nvidia" for gpu in document["gpus"]):
        return ""
    return "; ".join(absence["note"] for absence in document["absences"] if absence["what"] == "nvidia")


class Gpu(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        RESULTS.mkdir(exist_ok=True)

    def test_the_card_is_found_and_decodes(self):
        ran = millrace("probe", "--json")
        self.assertEqual(0, ran.code, ran)
        (RESULTS / "probe.json").write_text(ran.out)
        card = next(gpu for gpu in ran.document["gpus"] if gpu["vendor"] == "nvidia")
        self.assertGreater(card["engines"]["decode"], 0, card)
        self.assertIn(("h264", 8), [(form["codec"], form["bits"]) for form in card["decodes"]])

    def test_a_job_whose_worker_is_killed_on_the_card_is_whole(self):
        clip = media.make_clip(self.folder / "clip.mp4", 30, "1280x720", "25")
        server = Daemon(self.folder / "data", self.folder)
        self.addCleanup(server.close)
        id = server.submit({**adaptive(clip, segment_seconds=1, preset="veryfast"), "device": DEVICE})
        follower = Follower(server, id)
        wait_until(lambda: len(follower.booked_files()) >= 3, "three segments", 300)
        self.assertTrue(program.signal_workers(signal.SIGKILL), "no worker was there to be killed")
        server.wait_for(id, "completed", within=600)
        folder = self.folder / "data" / "jobs" / id / "out"
        receipt = json.loads((folder / "receipt.json").read_text())
        (RESULTS / "killed_worker_receipt.json").write_text(json.dumps(receipt, indent=2))
        self.assertIn(DEVICE, [each["device"] for each in receipt["devices"]], receipt["steps_down"])
        self.assertEqual(0, millrace("verify", folder, "--deep").code)
        frames = media.count_frames(clip)
        for name in ("720p", "480p", "360p"):
            whole = media.joined(folder / "abr" / name, self.folder / "whole.mp4")
            self.assertEqual(frames, media.count_frames(whole), name)
        self.assertEqual(0, server.stop())

    def test_the_measurements_run_and_are_written(self):
        """What they say is for people: nothing is decided by how long something took."""
        clip = media.make_clip(self.folder / "large.mp4", 20, "1920x1080", "25")
        for command in (["kernels", "--frames", "100", "--rounds", "3"],
                        ["gpu", "--source", clip, "--folder", self.folder, "--rounds", "1"]):
            name = command[0]
            ran = subprocess.run([BENCH, *command, "--json", RESULTS / f"{name}.json", "--html", RESULTS / f"{name}.html"],
                                 env=program.environment(), capture_output=True, text=True, timeout=500)
            self.assertEqual(0, ran.returncode, ran.stderr)
            (RESULTS / f"{name}.txt").write_text(ran.stdout)
            report = json.loads((RESULTS / f"{name}.json").read_text())
            self.assertEqual((name, None), (report["kind"], report["not_run"]))
            self.assertTrue(report["targets"])


if __name__ == "__main__":
    if program.PROGRAM.exists() and (note := why_no_card()):
        print(f"skipped: {note}")
        sys.exit(program.SKIPPED)
    program.main()
