"""`millrace-bench resume` and `soak`, briefly: over kills and faults no job is lost, doubled or left."""

import json
import os
import random
import subprocess

import program

BENCH = program.BUILD / "millrace-bench"
KILLS = 3
SOAKED = 12


class Resume(program.SystemTest):
    def seed(self):
        seed = int(os.environ.get("MILLRACE_SEED") or random.randrange(1 << 32))
        print(f"MILLRACE_SEED={seed}", flush=True)
        return seed

    def bench(self, *words):
        result = self.folder / "result.json"
        done = subprocess.run([BENCH, *words, "--folder", self.folder, "--json", result], env=program.environment(),
                              capture_output=True, text=True, timeout=300 * program.PATIENCE)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(result.read_text())

    def test_a_few_kills_harm_no_job(self):
        seed = self.seed()
        report = self.bench("resume", "--kills", str(KILLS), "--jobs", "2", "--clip-seconds", "4", "--seed", str(seed))
        self.assertEqual(KILLS, report["worker_kills"] + report["daemon_kills"])
        self.assertGreaterEqual(report["jobs"], 2)
        self.assertEqual([], report["wrong"])
        for target in report["targets"]:
            if " killed: " not in target["what"]:  # times are figures, not promises of a busy machine
                self.assertEqual("met", target["verdict"], target)

    def test_a_few_jobs_with_every_fault_end_as_they_should(self):
        report = self.bench("soak", "--jobs", str(SOAKED), "--seed", str(self.seed()))
        self.assertEqual([], report["wrong"])
        self.assertEqual(SOAKED, report["completed"] + report["failed_without_source"])
        self.assertLessEqual(report["failed_without_source"], 1)
        for fault, times in report["faults"].items():
            self.assertEqual(fault != "disk full" or not report["no_full_disk"], bool(times), fault)
        for target in report["targets"]:
            if "of the daemon at rest" not in target["what"]:  # so few jobs are all warming up
                self.assertIn(target["verdict"], ("met", "not measured"), target)


if __name__ == "__main__":
    program.main()
