"""`millrace-bench resume`, briefly: kills of workers and daemon over a set of jobs, and nothing is lost, doubled or left."""

import json
import os
import random
import subprocess

import program

BENCH = program.BUILD / "millrace-bench"
KILLS = 3


class Resume(program.SystemTest):
    def test_a_few_kills_harm_no_job(self):
        seed = int(os.environ.get("MILLRACE_SEED") or random.randrange(1 << 32))
        print(f"MILLRACE_SEED={seed}", flush=True)
        result = self.folder / "resume.json"
        done = subprocess.run([BENCH, "resume", "--kills", str(KILLS), "--jobs", "2", "--clip-seconds", "4", "--seed", str(seed),
                               "--folder", self.folder, "--json", result], env=program.environment(),
                              capture_output=True, text=True, timeout=300 * program.PATIENCE)
        self.assertEqual(0, done.returncode, done.stderr)
        report = json.loads(result.read_text())
        self.assertEqual(KILLS, report["worker_kills"] + report["daemon_kills"])
        self.assertGreaterEqual(report["jobs"], 2)
        self.assertEqual([], report["wrong"])
        for target in report["targets"]:
            if " killed: " not in target["what"]:  # times are figures, not promises of a busy machine
                self.assertEqual("met", target["verdict"], target)


if __name__ == "__main__":
    program.main()
