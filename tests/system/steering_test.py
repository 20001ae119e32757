"""What a person or a full disk does to a job on its way: paused, resumed, an output taken from it, no room."""

import media
import program
from daemon import Daemon, Follower, adaptive
from program import millrace, wait_until


class Steering(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 12, "640x360", "25")

    def server(self, name, *flags):
        server = Daemon(self.folder / name, self.folder, *flags)
        self.addCleanup(server.close)
        return server

    def steered(self, server, id, action):
        answer = server.request("POST", f"/v1/jobs/{id}/{action}")
        self.assertEqual(200, answer.status, str(answer))
        return answer.document

    def booked(self, follower):
        return [name for name in follower.booked_files() if name.startswith("abr/") and "/audio/" not in name]

    def test_paused_at_an_edge_no_picture_is_coded_twice(self):
        clip = media.make_clip(self.folder / "longer.mp4", 40, "640x360", "25")
        server = self.server("pause")
        id = server.submit(adaptive(clip, segment_seconds=1, preset="slow"))
        follower = Follower(server, id)
        wait_until(lambda: len(self.booked(follower)) >= 3, "some segments")
        self.assertEqual("paused", self.steered(server, id, "pause")["state"])
        wait_until(lambda: server.job(id)["attempts"][-1]["ended"], "the run to end")
        at_rest = self.booked(follower)
        self.assertLess(len(at_rest), 40, "the job was too quick for the pause")
        self.assertEqual("paused", server.job(id)["state"])
        self.assertIsNone(server.job(id)["waiting_for"])
        self.steered(server, id, "resume")
        server.wait_for(id, "completed")
        follower.thread.join()
        names = self.booked(follower)
        self.assertEqual(sorted(set(names)), sorted(names), "a segment was made twice")
        self.assertEqual(40, len(names))
        folder = self.folder / "pause/jobs" / id / "out"
        self.assertEqual(0, millrace("verify", folder, "--deep").code)
        whole = media.joined(folder / "abr/360p", self.folder / "whole.mp4")
        self.assertEqual(media.count_frames(clip), media.count_frames(whole))

    def test_one_output_is_cancelled_and_the_other_goes_on(self):
        server = self.server("output")
        spec = adaptive(self.clip, segment_seconds=1)
        spec["outputs"].append({"name": "web", "type": "file", "container": "webm", "video": {"preset": "veryslow"}})
        id = server.submit(spec)
        follower = Follower(server, id)
        wait_until(lambda: self.booked(follower), "a segment")
        self.assertEqual(404, server.request("POST", f"/v1/jobs/{id}/outputs/other/cancel").status)
        done = millrace("jobs", "cancel", id, "--output", "web", "--json", "--server", f"http://127.0.0.1:{server.port}")
        self.assertEqual(0, done.code, str(done))
        self.assertEqual(["web"], done.document["jobs"][0]["cancelled_outputs"])
        self.assertEqual(409, server.request("POST", f"/v1/jobs/{id}/outputs/web/cancel").status)
        job = server.wait_for(id, "completed")
        self.assertEqual(["abr"], [output["name"] for output in job["progress"]["outputs"]])
        self.assertEqual(404, server.get(f"/v1/jobs/{id}/files/web.webm").status)
        folder = self.folder / "output/jobs" / id / "out"
        self.assertEqual(["abr", "receipt.json"], sorted(each.name for each in folder.iterdir()))
        self.assertEqual(0, millrace("verify", folder, "--deep").code)

    def test_a_job_waits_for_room_on_the_disk_with_the_reason_and_goes_on(self):
        server = self.server("room", "--keep-free", 10**9)  # megabytes: more than any disk has
        id = server.submit(adaptive(self.clip, segment_seconds=1))
        job = server.wait_for(id, "paused")
        self.assertRegex(job["waiting_for"], r"^disk: \d+ MB are needed, \d+ MB are free")
        self.assertFalse(self.booked(Follower(server, id)))
        self.assertEqual(0, server.stop())
        server.flags = ()
        server.start()
        job = server.wait_for(id, "completed")
        self.assertIsNone(job["waiting_for"])
        self.assertEqual(0, millrace("verify", self.folder / "room/jobs" / id / "out").code)


if __name__ == "__main__":
    program.main()
