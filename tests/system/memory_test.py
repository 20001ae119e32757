"""A worker that the kernel kills for want of memory: named as that, tried again by another, and what to do is said."""

import os
import unittest

import media
import program
import small_memory
from daemon import Daemon, adaptive
from program import wait_until


class Memory(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clip = media.make_clip(cls.folder / "clip.mp4", 4, "1280x720", sound=False)
        cls.small = media.make_clip(cls.folder / "small.mp4", 1, "160x96")

    @unittest.skipIf(small_memory.why_not(), small_memory.why_not())
    def test_a_worker_that_the_kernel_kills_is_told_apart_and_the_job_goes_on(self):
        server = Daemon(self.folder / "data", self.folder)
        self.addCleanup(server.close)
        group = small_memory.SmallMemory(f"millrace-test-{os.getpid()}", 16 << 20)
        self.addCleanup(group.remove)
        self.addCleanup(server.stop)
        # One that is taken while it starts may be killed before the job, and its successor has memory.
        server.wait_for(server.submit(adaptive(self.small, ladder=[96])), "completed")
        idle = wait_until(lambda: len(program.workers()) == 2 and program.workers(), "both warm workers")
        self.assertTrue(all([group.take(pid) for pid in idle]))
        id = server.submit(adaptive(self.clip, ladder=[720]))
        job = server.wait_for(id, "completed")
        retries = job["attempts"][0]["retries"]
        self.assertTrue(retries)
        for retry in retries:
            self.assertEqual("out_of_memory", retry["code"], retry)
            self.assertRegex(retry["message"], "worker [0-9]+ was killed by the kernel, as memory ran out; give the machine")


if __name__ == "__main__":
    program.main()
