"""What the house tests share: the tree's files, and how a test of a rule runs and reports."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = {".h", ".cpp", ".cu", ".cuh"}
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def files(root=ROOT):
    """Every file of the working tree that git does not ignore, as paths relative to the root, sorted."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=root, capture_output=True)
    if listed.returncode == 0:
        found = [Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name]
    else:
        found = [path.relative_to(root) for path in root.rglob("*")
                 if not path.relative_to(root).parts[0].startswith(("build", "var", ".git"))
                 and "node_modules" not in path.parts]
    return sorted(path for path in found if (root / path).is_file())


def code_files():
    return [path for path in files() if path.suffix in CODE]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def shell_scripts():
    """The files whose first line asks for bash, by their name in the tree."""
    found = []
    for path in files():
        if path.suffix in ("", ".sh"):
            with open(ROOT / path, "rb") as file:
                line = file.readline()
            if line.startswith(b"#!") and b"bash" in line or path.suffix == ".sh":
                found.append(path)
    return found


class HouseTest(unittest.TestCase):
    def assert_clean(self, violations):
        if violations:
            self.fail(f"{len(violations)} places:\n  " + "\n  ".join(violations))

    def assert_checked(self, things):
        """A rule that looks at nothing holds for nothing."""
        self.assertTrue(things, "the rule found nothing to look at")


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def main():
    unittest.main(verbosity=2)
