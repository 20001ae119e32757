"""A queue under load: order, priorities, nothing lost, no core asked for twice."""

import random

import media
import program
from daemon import FINAL, Daemon, adaptive
from program import wait_until

RUNNING, QUEUED = 2, 20


class Queue(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 2, "320x180", "25")
        cls.long = media.make_clip(cls.folder / "long.mp4", 600, "640x360", "25", sound=False)

    def slow(self, **more):
        """A job that takes minutes, on one core, so that two run at once."""
        return {**adaptive(self.long, preset="slower"), "cores": 1, **more}

    def fill(self, server):
        """Two long jobs that run, and twenty short ones behind them, of mixed priorities. The ids of both."""
        first = [server.submit(self.slow(priority=100)) for _ in range(RUNNING)]
        for id in first:
            server.wait_for(id, "running")
        priorities = [10, 90, 50, 50] * (QUEUED // 4)
        random.Random(1).shuffle(priorities)
        return first, {server.submit({**adaptive(self.clip), "priority": priority}): priority for priority in priorities}

    def test_two_run_and_twenty_wait_their_turn(self):
        server = Daemon(self.folder / "order", self.folder, "--max-running-jobs", RUNNING)
        self.addCleanup(server.close)
        first, waiting = self.fill(server)
        self.assertEqual(QUEUED, sum(server.job(id)["state"] == "queued" for id in waiting))
        started, most = [], 0
        for id in first:
            server.request("POST", f"/v1/jobs/{id}/cancel")

        def watch():
            nonlocal most
            states = {job["id"]: job["state"] for job in server.get("/v1/jobs?limit=100").document["jobs"]}
            most = max(most, sum(state == "running" for state in states.values()))
            return all(states[id] in FINAL for id in waiting)

        wait_until(watch, "every job to end", 300)
        jobs = [server.job(id) for id in waiting]
        self.assertEqual(["completed"] * QUEUED, [job["state"] for job in jobs])
        self.assertLessEqual(most, RUNNING)
        started = [job["id"] for job in sorted(jobs, key=lambda job: (job["started"], -job["priority"], job["id"]))]
        wanted = sorted(waiting, key=lambda id: (-waiting[id], id))  # ids sort by time
        # Jobs that are begun at once note their times themselves: neighbours may change places, no more.
        for place, id in enumerate(started):
            self.assertLess(abs(place - wanted.index(id)), RUNNING, (wanted, started))

    def test_cores_are_shared_out_and_not_given_twice(self):
        server = Daemon(self.folder / "cores", self.folder, "--max-running-jobs", RUNNING, "--cores", 2)
        self.addCleanup(server.close)
        first, second = [server.submit(self.slow()) for _ in range(RUNNING)]
        for id in (first, second):
            server.wait_for(id, "running")
            plan = wait_until(lambda: server.job(id)["plan"], "its plan")
            self.assertEqual(1, plan["decoder_threads"])
            self.assertEqual({1}, {rendition["encoder_threads"] for rendition in plan["renditions"]})
        # One core is free, and one is what a job that would take two gets.
        server.request("POST", f"/v1/jobs/{first}/cancel")
        server.wait_for(first, "cancelled")
        greedy = server.submit({**self.slow(), "cores": 2})
        server.wait_for(greedy, "running")
        plan = wait_until(lambda: server.job(greedy)["plan"], "its plan")
        self.assertEqual({1}, {rendition["encoder_threads"] for rendition in plan["renditions"]}, "more than is free")
        for id in (greedy, second):
            server.request("POST", f"/v1/jobs/{id}/cancel")
            server.wait_for(id, "cancelled")

    def test_killed_daemon_loses_no_job_of_a_full_queue(self):
        server = Daemon(self.folder / "killed", self.folder, "--max-running-jobs", RUNNING)
        self.addCleanup(server.close)
        first, waiting = self.fill(server)
        server.kill()
        wait_until(lambda: not program.marked_processes(), "the workers to go with their daemon", 10)
        server.start()
        listed = {job["id"]: job for job in server.get("/v1/jobs?limit=100").document["jobs"]}
        self.assertEqual(set(first) | set(waiting), set(listed))
        for id, priority in waiting.items():
            self.assertEqual(priority, listed[id]["priority"])
        for id in first:
            server.request("POST", f"/v1/jobs/{id}/cancel")
        for id in waiting:
            server.wait_for(id, "completed")
        for id in first:
            server.wait_for(id, "cancelled")
        self.assertEqual(0, server.stop())


if __name__ == "__main__":
    program.main()
