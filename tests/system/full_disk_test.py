"""A disk that fills up under the daemon, and workers that hang on it: jobs wait with the reason and go on, nothing half-written is on show."""

import os
import signal
import struct

import media
import program
import small_disk
from daemon import Daemon, Follower, adaptive
from program import millrace, wait_until

MEGABYTE = 1 << 20
WHOLE = 320 * MEGABYTE  # enough for a server to be ready; 20 of it stay free for the store


def is_whole(segment):
    """Its boxes end where the file ends."""
    data, at = segment.read_bytes(), 0
    while at + 8 <= len(data):
        at += max(8, struct.unpack_from(">I", data, at)[0])
    return at == len(data) > 0


class FullDisk(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Long beside the moment from its first segment to the full disk, on a fast machine too.
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 30, "640x360", "25")

    def serve(self, name, *flags):
        self.disk = small_disk.SmallDisk(self.folder / name, WHOLE)
        self.addCleanup(self.disk.unmount)
        server = Daemon(self.folder / name, self.folder, *flags)
        self.addCleanup(server.close)
        return server

    def spec(self):
        spec = adaptive(self.clip, segment_seconds=1, preset="medium")
        spec["outputs"].append({"name": "web", "type": "file", "container": "mp4"})
        return spec

    def out(self, server, id):
        return server.data / "jobs" / id / "out"

    def started(self, server):
        id = server.submit(self.spec())
        wait_until(lambda: list(self.out(server, id).glob("abr/360p/0*.m4s")), "a segment")
        return id

    def completed(self, server, id):
        job = server.wait_for(id, "completed")
        self.assertIsNone(job["waiting_for"])
        self.assertEqual(0, millrace("verify", self.out(server, id), "--deep").code)
        return job

    def test_a_disk_that_gets_full_pauses_the_job_and_room_lets_it_go_on(self):
        server = self.serve("pauses")
        id = self.started(server)
        self.disk.leave_free(MEGABYTE)  # less than half of what is kept for the store
        job = server.wait_for(id, "paused")
        self.assertRegex(job["waiting_for"], "^disk: ")
        wait_until(lambda: server.job(id)["attempts"][-1]["ended"], "the run to end")
        segments = list(self.out(server, id).glob("abr/*/0*.m4s"))
        self.assertTrue(segments)
        self.assertEqual([], [str(each) for each in segments if not is_whole(each)])
        self.disk.resize(WHOLE)
        job = self.completed(server, id)
        self.assertGreater(len(job["attempts"]), 1)

    def test_without_a_byte_left_nothing_is_lost_and_nobody_is_told_a_lie(self):
        server = self.serve("full")
        id = self.started(server)
        self.disk.leave_free(0)
        accepted = [id]
        # The store has some room of its own, set aside before: bulky jobs use it up.
        bulky = {**self.spec(), "tags": {f"filler{number}": "x" * 250 for number in range(32)}}

        def refusal():
            for _ in range(20):
                answer = server.request("POST", "/v1/jobs", bulky)
                if answer.status != 201:
                    return answer
                accepted.append(answer.document["id"])

        for _ in range(10):  # while the job that runs books its end, or tries to
            answer = wait_until(refusal, "a refusal")
            self.assertEqual(503, answer.status, str(answer))
            self.assertEqual("5", answer.headers["Retry-After"])
        self.assertEqual(200, server.get("/healthz").status)
        self.assertIn(server.job(id)["state"], ("running", "paused"))
        segments = list(self.out(server, id).glob("abr/*/0*.m4s"))
        self.assertEqual([], [str(each) for each in segments if not is_whole(each)])
        self.assertEqual(sorted(accepted), sorted(job["id"] for job in server.jobs()))
        self.disk.resize(WHOLE)
        for each in accepted[2:]:
            self.assertEqual(200, server.request("POST", f"/v1/jobs/{each}/cancel").status)
        for each in accepted[:2]:
            self.completed(server, each)

    def test_workers_that_hang_while_the_disk_is_full_are_replaced(self):
        server = self.serve("hung", "--patience", 2 * program.PATIENCE)
        id = self.started(server)
        follower = Follower(server, id)
        hung = set(program.signal_workers(signal.SIGSTOP))
        self.disk.leave_free(0)
        # By the watch, or sooner because the daemon itself cannot write the job's playlists.
        wait_until(lambda: "it is stuck" in server.logged() or server.job(id)["waiting_for"], "somebody to see it")
        wait_until(lambda: not hung & set(program.workers()), "the hung workers to be ended")
        self.disk.resize(WHOLE)
        self.completed(server, id)
        follower.thread.join()
        names = [name for name in follower.booked_files() if name.startswith("abr/360p/")]
        self.assertEqual(sorted(set(names)), sorted(names), "a segment was made twice")


if __name__ == "__main__":
    if why := small_disk.why_not():
        print(f"skipped: {why}")
        raise SystemExit(program.SKIPPED)
    program.main()
