"""Tasks are confined, and a job that failed can be seen to fail again from its bundle."""

import json
import re
import shutil
from pathlib import Path

import daemon
import media
import program
from program import millrace, start_millrace, wait_until


def status_of(pid):
    """/proc/PID/status as {field: text}; empty once the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def limits_of(pid):
    """The soft limits as /proc/PID/limits has them, {"Max core file size": "0"}; empty once the process is gone."""
    try:
        text = Path(f"/proc/{pid}/limits").read_text()
    except OSError:
        return {}
    return dict(re.findall(r"^(Max .*?) {2,}(\S+)", text, re.MULTILINE))


class Confinement(program.SystemTest):
    def test_the_machine_says_what_it_offers(self):
        probed = millrace("probe", "--json").document
        offered = probed["confinement"]
        missing = {each["what"] for each in probed["absences"]}
        self.assertEqual(offered["landlock"] == 0, "landlock" in missing)
        self.assertEqual(not offered["seccomp"], "seccomp" in missing)
        if program.SANITIZED:
            self.assertEqual({"landlock": 0, "seccomp": False}, offered)

    def test_a_task_runs_in_a_confined_child_of_its_worker(self):
        offered = millrace("probe", "--json").document["confinement"]
        if not offered["seccomp"]:
            self.skipTest("this machine, or this sanitizer build, does not confine workers")
        clip = media.make_clip(self.folder / "long.mp4", 60, "640x360")
        running = start_millrace("transcode", clip, "-o", self.folder / "out")
        self.addCleanup(lambda: (running.terminate(), running.wait(60)))

        def confined():
            workers = program.workers()
            return [(status, limits) for pid in workers
                    if (status := status_of(pid)) and int(status["PPid"]) in workers and status.get("Seccomp") == "2"
                    and (limits := limits_of(pid))]

        status, limits = wait_until(confined, "a task's process")[0]
        self.assertEqual("1", status["NoNewPrivs"])
        self.assertNotEqual("unlimited", limits["Max data size"])
        self.assertEqual("0", limits["Max core file size"])


class Replay(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.media = cls.folder / "media"
        cls.media.mkdir()
        cls.server = daemon.Daemon(cls.folder / "data", cls.media)
        cls.addClassCleanup(cls.server.close)

    def test_a_failed_job_fails_again_from_its_bundle_and_from_a_part_of_its_source(self):
        source = media.make_clip(self.media / "damaged.ts", 3, "320x180", sound=False)
        good = shutil.copy(source, self.folder / "good.ts")
        content = self.damage(source)
        id = self.server.submit(daemon.adaptive(source, ladder=[180]))
        failed = self.server.wait_for(id, "failed")
        source.unlink()  # the bundle has it
        bundle = self.folder / "data" / "jobs" / id / "bundle.json"
        told = json.loads(bundle.read_text())
        self.assertEqual(32, len(told["trace_id"]))
        self.assertEqual(failed["error"]["code"], told["error"]["code"])
        self.assertTrue(any(id in line for line in told["log"]), told["log"])
        self.assertIn("libavcodec", told["environment"]["versions"])

        again = millrace("replay", bundle, "--json")
        self.assertEqual("fails_the_same", again.document["replay"], again)
        self.assertEqual(again.document["exit_code"], again.code)
        self.assertNotEqual(0, again.code)

        mended = millrace("replay", bundle, "--source", good)
        self.assertEqual(0, mended.code, mended)
        self.assertIn("completes now", mended.out)

        if program.SANITIZED:
            return  # sixteen runs more, of which each is slow then
        small = self.folder / "small.json"
        cut = millrace("replay", bundle, "--shrink", small)
        self.assertIn("fails as before", cut.out, cut)
        kept = json.loads(small.read_text())["source"]
        self.assertLess(len(kept["bytes"]) * 3 // 4, len(content) // 2, kept["note"])
        self.assertEqual("fails_the_same", millrace("replay", small, "--json").document["replay"])

    @staticmethod
    def damage(source):
        """Takes the content out of 30 packets of a transport stream, a third into it."""
        content = bytearray(source.read_bytes())
        begin = len(content) // 188 // 3 * 188
        for packet in range(begin, begin + 30 * 188, 188):
            content[packet + 30:packet + 188] = bytes(158)
        source.write_bytes(content)
        return content

    def test_a_large_source_is_cut_to_what_fails(self):
        if program.SANITIZED:
            self.skipTest("each of its runs takes too long for the search to find much")
        source = media.make_clip(self.media / "large.ts", 3, "320x180", sound=False)
        content = self.damage(source)
        empty = b"\x47\x1f\xff\x10" + bytes(184)  # a packet that fills up (ISO 13818-1, 2.4.1)
        source.write_bytes(content + empty * (3_000_000 // len(empty)))
        id = self.server.submit(daemon.adaptive(source, ladder=[180]))
        self.server.wait_for(id, "failed")
        bundle = self.folder / "data" / "jobs" / id / "bundle.json"

        def cut():
            told = json.loads(bundle.read_text())["source"]
            return told if told["bytes"] or ";" in told["note"].partition("--shrink")[2] else None

        for _ in range(3):  # the search has a time limit, which a busy machine may meet
            told = wait_until(cut, "the search for the part that fails")
            if told["bytes"]:
                break
            self.assertEqual(200, self.server.request("POST", f"/v1/jobs/{id}/retry").status)
            self.server.wait_for(id, "failed")
        self.assertTrue(told["bytes"], told["note"])
        self.assertLessEqual(len(told["bytes"]) * 3 // 4, len(content) + 1000, told["note"])
        self.assertEqual(source.stat().st_size, told["size"])
        source.unlink()
        self.assertEqual("fails_the_same", millrace("replay", bundle, "--json").document["replay"])
        self.assertFalse((bundle.parent / "cut").exists())

    def test_the_store_is_copied_by_the_daemon_that_holds_it(self):
        data = self.folder / "data"
        refused = millrace("store", "backup", self.folder / "copies", "--data", data)
        self.assertEqual(1, refused.code, refused)
        self.assertIn("POST /v1/backups", refused.err)
        made = self.server.request("POST", "/v1/backups")
        self.assertEqual(201, made.status, made)
        listed = millrace("store", "restore", data / "backups", "--list", "--json").document["backups"]
        self.assertEqual(made.document, listed[-1])

    def test_what_is_no_bundle_is_refused_in_a_sentence(self):
        for content in ("", "{}", "[1]", '{"millrace_bundle": 7}'):
            path = self.folder / "none.json"
            path.write_text(content)
            ran = millrace("replay", path)
            self.assertEqual(2, ran.code, ran)
            self.assert_one_sentence(ran.err)
        self.assertEqual(2, millrace("replay", self.folder / "nothing.json").code)


if __name__ == "__main__":
    program.main()
