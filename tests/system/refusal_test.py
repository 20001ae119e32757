"""What `millrace transcode` does when it cannot: exit codes, one sentence, and nothing left behind."""

import json
import os
import signal
import subprocess

import media
import program
from program import millrace, start_millrace, wait_until


class Refusals(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 2)
        cls.long = media.make_clip(cls.folder / "long.mp4", 240, "640x360", "25")

    def assert_refused(self, code, words, source, *flags, out=None, stdin=""):
        """Refused with that code and a sentence that has those words; the output is not there."""
        folder = out or self.folder / "out"
        ran = millrace("transcode", source, "-o", folder, *flags, stdin=stdin)
        self.assertEqual(code, ran.code, ran)
        self.assert_one_sentence(ran.err)
        self.assertEqual("", ran.out)
        for word in words:
            self.assertIn(word, ran.err)
        if out is None:
            self.assertFalse(folder.exists(), "the output folder is left over")
        told = millrace("transcode", source, "-o", folder, *flags, "--json", stdin=stdin)
        self.assertEqual(code, told.code)
        self.assertEqual(code, told.document["exit_code"])
        self.assertIn(told.document["error"]["message"], told.err)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_source_that_does_not_exist(self):
        self.assert_refused(3, ["nothing.mov"], self.folder / "nothing.mov")

    def test_source_that_is_a_folder(self):
        self.assert_refused(3, [self.folder.name], self.folder)

    def test_source_that_is_empty(self):
        self.assert_refused(3, ["empty.mp4"], self.file("empty.mp4", b""))

    def test_source_that_is_no_media(self):
        self.assert_refused(3, ["text.mp4"], self.file("text.mp4", b"There is no picture in here.\n" * 200))
        self.assert_refused(3, ["noise.mp4"], self.file("noise.mp4", bytes(i * i % 251 for i in range(100_000))))

    def test_source_that_was_cut_off(self):
        whole = self.clip.read_bytes()
        self.assert_refused(3, ["no_moov.mp4"], self.file("no_moov.mp4", whole[:len(whole) // 2]))
        fast = self.folder / "fast.mp4"
        media.ffmpeg("-i", self.clip, "-c", "copy", "-movflags", "+faststart", fast)
        self.assert_refused(3, ["cut.mp4"], self.file("cut.mp4", fast.read_bytes()[:fast.stat().st_size * 2 // 3]))

    def test_source_without_a_picture(self):
        sound = self.folder / "sound.m4a"
        media.ffmpeg("-f", "lavfi", "-i", "sine=duration=1", sound)
        stills = {"outputs": [{"name": "stills", "type": "thumbnails", "at": [0]}]}
        self.assert_refused(2, ["outputs[0]", "no picture"], sound, "--spec", self.file("stills.json", json.dumps(stills).encode()))

    def test_source_of_a_scheme_that_is_not_read(self):
        self.assert_refused(2, ["gopher", "allowed: file:, http:, https:"], "gopher://example.org/a.mp4")

    def test_ladder_above_the_source(self):
        self.assert_refused(2, ["1080p", "640x360"], self.clip, "--ladder", "1080p,360p")

    def test_spec_with_an_unknown_field(self):
        spec = {"outputs": [{"name": "abr", "type": "adaptive", "laddder": "auto"}]}
        self.assert_refused(2, ["laddder"], self.clip, "--spec", "-", stdin=json.dumps(spec))
        self.assert_refused(2, ["laddder"], self.clip, "--spec", self.file("spec.json", json.dumps(spec).encode()))

    def test_spec_that_is_no_json(self):
        self.assert_refused(2, ["--spec"], self.clip, "--spec", "-", stdin="{")
        self.assert_refused(2, ["--spec"], self.clip, "--spec", "-", stdin="")

    def test_device_that_cannot_be_used(self):
        machine = millrace("probe", "--json").document
        notes = [absence["note"] for absence in machine["absences"] if absence["what"] == "nvidia"]
        if any(gpu["vendor"] == "nvidia" for gpu in machine["gpus"]):
            self.skipTest("this machine has one that can")
        why = notes[0]
        self.assert_refused(5, ["cuda", why], self.clip, "--device", "cuda")
        ran = millrace("explain", self.clip, "--device", "cuda")
        self.assertEqual((5, ""), (ran.code, ran.out), ran)
        self.assertIn(why, ran.err)

    def test_output_that_is_not_empty_stays_as_it_is(self):
        out = self.folder / "mine"
        out.mkdir()
        (out / "letter").write_text("dear")
        self.assert_refused(2, ["mine"], self.clip, out=out)
        self.assertEqual(["letter"], [path.name for path in out.iterdir()])
        self.assertEqual("dear", (out / "letter").read_text())

    def test_output_that_is_a_file_stays_as_it_is(self):
        out = self.file("file", b"dear")
        self.assert_refused(2, ["file"], self.clip, out=out)
        self.assertEqual(b"dear", out.read_bytes())

    def test_output_that_cannot_be_made(self):
        self.assert_refused(2, ["/proc/nowhere"], self.clip, out="/proc/nowhere/out")

    def test_empty_output_is_taken_and_emptied_again(self):
        out = self.folder / "hollow"
        out.mkdir()
        self.assert_refused(3, ["nothing.mov"], self.folder / "nothing.mov", out=out)
        self.assertEqual([], list(out.iterdir()))
        ran = millrace("transcode", self.clip, "-o", out, "--ladder", "360p", "--preset", "ultrafast")
        self.assertEqual(0, ran.code, ran)
        self.assertIn("master.m3u8", ran.out)
        again = millrace("transcode", self.clip, "-o", out)
        self.assertEqual(2, again.code, again)
        self.assertEqual(0, millrace("verify", out).code)

    def test_names_with_spaces_and_signs(self):
        odd = self.folder / "a b%20ü#?'\".mp4"
        odd.write_bytes(self.clip.read_bytes())
        out = self.folder / "o ut%20ü#?'"
        ran = millrace("transcode", odd, "-o", out, "--ladder", "360p", "--preset", "ultrafast")
        self.assertEqual(0, ran.code, ran)
        self.assertEqual("", media.complaints(media.joined(out / "abr" / "360p", self.folder / "whole.mp4")))
        self.assertEqual(0, millrace("verify", out).code)

    def test_progress_is_shown_on_a_terminal_only(self):
        ours, theirs = os.openpty()
        running = start_millrace("transcode", self.clip, "-o", self.folder / "shown", stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:
            pass  # how a terminal tells that the other end is closed
        os.close(ours)
        self.assertEqual(0, running.wait())
        self.assertRegex(shown.decode(), r"processing +\d+ % \[")
        silent = millrace("transcode", self.clip, "-o", self.folder / "silent")
        self.assertEqual((0, ""), (silent.code, silent.err))

    def stopped_by(self, number):
        out = self.folder / "stopped" / "deep"
        running = start_millrace("transcode", self.long, "-o", out, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: running.poll() is not None or list(out.rglob("*.m4s")), "the first segment")
        self.assertIsNone(running.poll(), "it ended before the signal")
        running.send_signal(number)
        said, complained = running.communicate(timeout=30 * program.PATIENCE)
        self.assertEqual(4, running.returncode, complained)
        self.assertEqual(4, json.loads(said)["exit_code"])
        self.assert_one_sentence(complained)
        self.assertFalse(out.parent.exists(), "what was made is left over")
        wait_until(lambda: not program.workers(), "the workers to end", 10)

    def test_interrupt_stops_cleanly(self):
        self.stopped_by(signal.SIGINT)

    def test_terminate_stops_cleanly(self):
        self.stopped_by(signal.SIGTERM)

    def test_killed_program_leaves_no_worker(self):
        out = self.folder / "killed"
        running = start_millrace("transcode", self.long, "-o", out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: list(out.rglob("*.m4s")), "the first segment")
        self.assertTrue(program.workers())
        running.kill()
        running.wait()
        wait_until(lambda: not program.workers(), "the workers to end", 10)

    def test_job_survives_the_death_of_its_workers(self):
        out = self.folder / "survived"
        running = start_millrace("transcode", self.clip, "-o", out, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        victims = wait_until(lambda: program.workers() or running.poll() is not None, "a worker")
        program.signal_workers(signal.SIGKILL, victims if isinstance(victims, list) else [])
        said, complained = running.communicate(timeout=120 * program.PATIENCE)
        if running.returncode == 0:  # else the source's inspection died, which is told as such
            self.assertEqual(0, millrace("verify", out, "--deep").code)
        else:
            self.assert_one_sentence(complained)


if __name__ == "__main__":
    program.main()
