"""The scripts parse, stop at the first failure, and explain themselves without doing anything."""

import os
import subprocess
import tempfile
from pathlib import Path

import house

RUN_BY_PEOPLE = ("deploy/run", "deploy/test")


def violations(path, name):
    """path: where the script lies; name: what to call it. Sourced files (.sh) need neither `set` nor the x bit."""
    found = []
    parsed = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
    if parsed.returncode:
        found.append(f"{name}: does not parse: {parsed.stderr.strip()}")
    if not name.endswith(".sh"):
        if "\nset -euo pipefail\n" not in Path(path).read_text(encoding="utf-8"):
            found.append(f"{name}: goes on after a failure: write set -euo pipefail")
        if not os.access(path, os.X_OK):
            found.append(f"{name}: cannot be run: chmod +x")
    return found


class Rule(house.HouseTest):
    def check(self, text, mode=0o755, name="deploy/x"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "x")
            path.write_text(text, encoding="utf-8")
            path.chmod(mode)
            return violations(path, name)

    def test_catches_a_script_that_does_not_parse(self):
        self.assertIn("parse", self.check("#!/usr/bin/env bash\nset -euo pipefail\nif true; then\n")[0])

    def test_catches_a_script_that_goes_on_after_a_failure(self):
        self.assertIn("goes on", self.check("#!/usr/bin/env bash\nfalse\ntrue\n")[0])

    def test_catches_a_script_that_cannot_be_run(self):
        self.assertIn("chmod", self.check("#!/usr/bin/env bash\nset -euo pipefail\n", mode=0o644)[0])

    def test_allows_a_sound_script_and_a_sourced_file(self):
        self.assertEqual([], self.check("#!/usr/bin/env bash\nset -euo pipefail\ntrue\n"))
        self.assertEqual([], self.check("a() { true; }\n", mode=0o644, name="deploy/lib.sh"))


class Tree(house.HouseTest):
    def test_every_script_is_sound(self):
        scripts = house.shell_scripts()
        self.assert_checked(scripts)
        self.assert_clean([violation for path in scripts
                           for violation in violations(house.ROOT / path, str(path))])

    def call(self, *words):
        return subprocess.run(words, cwd=house.ROOT, capture_output=True, text=True, timeout=60)

    def test_help_explains_and_ends(self):
        for script in RUN_BY_PEOPLE:
            with self.subTest(script):
                done = self.call(script, "--help")
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertTrue(done.stdout.startswith(f"{script}: "), done.stdout)
                self.assertIn(f"  {script} [", done.stdout)

    def test_wrong_usage_is_refused_before_anything_is_done(self):
        for words in (["deploy/test", "--nonsense"], ["deploy/test", "--sanitize", "memory"],
                      ["deploy/test", "--sanitize"], ["deploy/run", "--nonsense"], ["deploy/run", "a.mp4", "b.mp4"],
                      ["deploy/run", "--listen", "0.0.0.0:8080"]):
            with self.subTest(" ".join(words)):
                done = self.call(*words)
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)

    def test_run_refuses_a_file_that_is_not_there(self):
        done = self.call("deploy/run", "/nowhere/in.mp4")
        self.assertEqual((3, ""), (done.returncode, done.stdout))
        self.assertIn("/nowhere/in.mp4", done.stderr)


if __name__ == "__main__":
    house.main()
