"""The built program: where it is, how it is run, and what it leaves behind."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MILLRACE_BUILD") or ROOT / "build")
PROGRAM = BUILD / "millrace"
SANITIZED = bool(os.environ.get("MILLRACE_SANITIZE"))
PATIENCE = 4 if SANITIZED else 1  # limits of waiting are for a program that hangs, not for a slow one
SKIPPED = 77  # ctest's SKIP_RETURN_CODE

# Stands in the environment of everything that a test run starts, so that what is left over can be found.
MARK = f"MILLRACE_TEST_RUN={uuid.uuid4()}"


def media_folder():
    """The folder of real clips, or None."""
    given = os.environ.get("MILLRACE_MEDIA")
    folder = Path(given) if given else ROOT.parent / "shared" / "media"
    return folder if folder.is_dir() else None


def environment():
    name, value = MARK.split("=")
    return {**os.environ, name: value}


class Ran:
    """A finished run: code, out, err."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    @property
    def document(self):
        """The one JSON document of a --json run; anything else on standard output is a mistake."""
        return json.loads(self.out)

    def __str__(self):
        return f"exit code {self.code}\n--- out\n{self.out[-2000:]}\n--- err\n{self.err[-2000:]}"


def millrace(*arguments, stdin="", within=300):
    return Ran(subprocess.run([str(PROGRAM), *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              env=environment(), timeout=within * PATIENCE))


def start_millrace(*arguments, **more):
    return subprocess.Popen([str(PROGRAM), *map(str, arguments)], env=environment(), text=True, **more)


def marked_processes():
    """The processes of this test run that live, as {pid: command line}; without this one."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if MARK.encode() not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            if (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX":
                continue
            found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended while we looked
    return found


def workers():
    return [pid for pid, line in marked_processes().items() if " worker " in line]


def signal_workers(number, pids=None):
    """Sends a signal to these processes, or to all workers and their children that live now; gives their list."""
    pids = workers() if pids is None else pids
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # it ended by itself
    return pids


def wait_until(condition, what, within=60):
    """The first true value that condition() gives."""
    deadline = time.monotonic() + within * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within * PATIENCE} s in vain for: {what}")
        time.sleep(0.02)


class SystemTest(unittest.TestCase):
    """Each class has a folder of its own; at its end nothing that it started may live."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="millrace-system-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.addClassCleanup(cls.nothing_is_left)

    @classmethod
    def nothing_is_left(cls):
        wait_until(lambda: not marked_processes(), "every process to end", 20)

    def assert_one_sentence(self, text):
        lines = text.strip().splitlines()
        self.assertEqual(1, len(lines), f"one sentence is wanted, not:\n{text}")
        self.assertTrue(lines[0].startswith("millrace: "), text)
        self.assertGreater(len(lines[0]), 20, text)


def main():
    if not PROGRAM.exists():
        print(f"{PROGRAM} is not built; build it, or set MILLRACE_BUILD")
        sys.exit(1)
    for tool in ("ffmpeg", "ffprobe"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed")
            sys.exit(SKIPPED)
    unittest.main(verbosity=2)
