"""Power cuts in small: workers and the daemon are killed, and the job is whole all the same, in one range and in several."""

import os
import random
import signal
import time

import media
import program
from daemon import FINAL, Daemon, Follower, adaptive
from program import millrace, wait_until

KILLS = 10


class Kills(program.SystemTest):
    def setUp(self):
        self.seed = int(os.environ.get("MILLRACE_SEED") or random.randrange(1 << 32))
        self.random = random.Random(self.seed)
        print(f"MILLRACE_SEED={self.seed}", flush=True)

    def marks(self, id, names):
        """What tells that a file was not written again: its inode and its time."""
        found = {}
        for name in names:
            at = (self.folder / "data" / "jobs" / id / "out" / name).stat()
            found[name] = (at.st_ino, at.st_mtime_ns, at.st_size)
        return found

    def test_job_survives_whatever_is_killed(self):
        clip = media.make_clip(self.folder / "clip.mp4", 60, "1280x720", "25")
        server = Daemon(self.folder / "data", self.folder)
        self.addCleanup(server.close)
        spec = adaptive(clip, segment_seconds=2, preset="veryfast")
        spec["outputs"].append({"name": "web", "type": "file", "container": "mp4"})
        id = server.submit(spec)
        follower = Follower(server, id)
        kept, total, kills = {}, 3 * 30, 0
        # Spread over the job: before each kill it must have come a random step further.
        goals = sorted(self.random.sample(range(0, total * 3 // 4), KILLS))
        for turn, goal in enumerate(goals):
            wait_until(lambda: len(self.pictures(follower)) >= goal or self.ended(server, id), f"{goal} segments", 300)
            if self.ended(server, id):
                break
            time.sleep(self.random.random() * 0.3)  # anywhere between two segments; nothing hangs on it
            for name, mark in self.marks(id, self.finished(id)).items():
                self.assertEqual(kept.setdefault(name, mark), mark, f"{name} was written again")
            if turn % 2 == 0:
                self.kill_some_workers()
            else:
                server.kill()
                wait_until(lambda: not program.marked_processes(), "the workers to go with their daemon", 10)
                server.start()
                follower.thread.join()
                follower.follow()
            kills += 1
        self.assertNotEqual("failed", server.job(id)["state"], server.job(id).get("error"))
        self.assertEqual(KILLS, kills, "the job was too quick for the kills")
        job = server.wait_for(id, "completed", within=600)
        wait_until(lambda: "completed" in follower.kinds(), "the last event")
        booked = self.pictures(follower)
        self.assertEqual(total, len(set(booked)))
        # Each kill may cost the segments that not every rendition had yet, and no more.
        self.assertLessEqual(len(booked), total + 2 * KILLS)
        self.assertEqual(30 + 1, len(set(follower.booked_files()) - set(booked)))  # the sound's, and web.mp4
        self.assertTrue(kept)
        now = self.marks(id, set(booked))
        for name, mark in kept.items():
            self.assertEqual(mark, now[name], f"{name} was written again")
        folder = self.folder / "data" / "jobs" / id / "out"
        self.assertTrue(job["receipt"])
        self.assertEqual(0, millrace("verify", folder, "--deep").code)
        frames = media.count_frames(clip)
        for name in ("720p", "480p", "360p"):
            whole = media.joined(folder / "abr" / name, self.folder / "whole.mp4")
            self.assertEqual("", media.complaints(whole), name)
            self.assertEqual(frames, media.count_frames(whole), name)
        self.assertEqual(frames, media.count_frames(folder / "web.mp4"))
        self.assertEqual(0, server.stop())
        wait_until(lambda: not program.marked_processes(), "every process to end", 10)

    @staticmethod
    def pictures(follower):
        """Booked segments but for those of the sound, which is one pass: cut short, it is made again from its start.
        So is a file, which is booked too."""
        return [name for name in follower.booked_files() if name.endswith(".m4s") and "/audio/" not in name]

    def finished(self, id):
        """Picture segments that are finished: all three renditions list them. What only some have may be made again."""
        listed = {}
        for playlist in (self.folder / "data" / "jobs" / id / "out").glob("abr/*p/playlist.m3u8"):
            listed[playlist.parent.name] = {line for line in playlist.read_text().splitlines() if line.endswith(".m4s")}
        rows = set.intersection(*listed.values()) if len(listed) == 3 else set()
        return [f"abr/{rendition}/{name}" for rendition in listed for name in rows]

    def kill_some_workers(self):
        victims = program.workers()
        some = self.random.randint(min(1, len(victims)), len(victims))
        program.signal_workers(signal.SIGKILL, self.random.sample(victims, some))

    @staticmethod
    def ended(server, id):
        return server.job(id)["state"] in FINAL

    def test_stop_and_start_go_on_where_they_were(self):
        clip = media.make_clip(self.folder / "calm.mp4", 40, "1280x720", "25", sound=False)
        server = Daemon(self.folder / "calm", self.folder)
        self.addCleanup(server.close)
        id = server.submit(adaptive(clip, segment_seconds=2))
        follower = Follower(server, id)
        wait_until(lambda: len(follower.booked_files()) >= 6, "six segments")
        self.assertEqual(0, server.stop())
        wait_until(lambda: not program.marked_processes(), "every process to end", 10)
        server.start()
        follower.thread.join()
        follower.follow()
        server.wait_for(id, "completed")
        wait_until(lambda: "completed" in follower.kinds(), "the last event")
        booked = follower.booked_files()
        self.assertEqual(3 * 20, len(set(booked)))
        self.assertLessEqual(len(booked), 3 * 20 + 2, "more was made again than what not every rendition had")

    def test_workers_that_hang_are_replaced(self):
        """They live and hold their sockets, and do nothing: only the work that does not grow tells."""
        clip = media.make_clip(self.folder / "long.mp4", 24, "640x360", "25", sound=False)
        server = Daemon(self.folder / "hung", self.folder, "--patience", 2 * program.PATIENCE)
        self.addCleanup(server.close)
        id = server.submit(adaptive(clip, [360], segment_seconds=1, preset="veryfast"))
        follower = Follower(server, id)
        wait_until(lambda: len(follower.booked_files()) >= 3, "three segments")
        program.signal_workers(signal.SIGSTOP)
        job = server.wait_for(id, "completed")
        follower.thread.join()
        self.assertEqual(1, len(job["attempts"]))
        retry = job["attempts"][0]["retries"][0]
        self.assertEqual("device_lost", retry["code"])
        self.assertIn("it is stuck", retry["message"])
        self.assertRegex(retry["task"], "the pictures from segment [0-9]+")
        booked = follower.booked_files()
        self.assertEqual(24, len(set(booked)))
        self.assertEqual(24, len(booked), "a segment was made again")


class SeveralRanges(program.SystemTest):
    """The same ladder in one range and, as on a machine of many cores, in several at once that are cut off."""

    def make(self, clip, cores, killed):
        server = Daemon(self.folder / f"data-{cores}", self.folder, "--cores", str(cores))
        self.addCleanup(server.close)
        id = server.submit(adaptive(clip, ladder=[180, 96], segment_seconds=2))
        out = server.data / "jobs" / id / "out"
        if killed:
            wait_until(lambda: len(list(out.glob("abr/*p/*.m4s"))) >= 10, "some segments of several ranges")
            server.kill()
            server.start()
        server.wait_for(id, "completed")
        events = list(server.events(id))
        files = [data["file"] for _, kind, data in events if kind == "segment" and "audio" not in data["file"]]
        self.assertEqual(40, len(files))
        self.assertEqual(40, len(set(files)), "a segment was booked twice")
        return out, max(data["ranges_at_once"] for _, kind, data in events if kind == "plan")

    def test_join_to_what_one_range_makes(self):
        # A key frame every 7 s: ranges begin between them.
        clip = media.make_clip(self.folder / "long.mp4", 40, "320x180", "10",
                               video=["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "70"])
        one, ranges_of_one = self.make(clip, 1, killed=False)
        several, ranges = self.make(clip, 8, killed=True)
        self.assertEqual((1, 3), (ranges_of_one, ranges))
        for name in ("180p", "96p"):
            tracks = [out / "abr" / name for out in (one, several)]
            self.assertEqual(*[(track / "init.mp4").read_bytes() for track in tracks])
            self.assertEqual(*[[sorted(media.segment_times(each)) for each in media.segments_of(track)] for track in tracks])
            whole = media.joined(tracks[1], self.folder / "whole.mp4")
            self.assertEqual("", media.complaints(whole))
            self.assertEqual(400, media.count_frames(whole))


if __name__ == "__main__":
    program.main()
