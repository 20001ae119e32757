"""A memory cgroup (version 2 or 1) as small as a test wants it: what is put into it and needs more is killed by the kernel."""

import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def parent():
    """The folder that new groups are made in and the name of their limit; (None, a sentence) where there is none."""
    if (ROOT / "memory" / "memory.limit_in_bytes").exists():
        return ROOT / "memory", "memory.limit_in_bytes"
    try:
        if "memory" in (ROOT / "cgroup.subtree_control").read_text().split():
            return ROOT, "memory.max"
    except OSError:
        pass
    return None, "no memory cgroups here"


def why_not():
    """What stands in the way of a group, as a sentence; None if nothing does."""
    folder, limit = parent()
    if folder is None:
        return limit
    return None if os.access(folder, os.W_OK) else f"{folder} cannot be written"


class SmallMemory:
    def __init__(self, name, size):
        self.parent, limit = parent()
        self.folder = self.parent / name
        self.folder.mkdir()
        (self.folder / limit).write_text(str(size))
        swap = self.folder / "memory.swap.max"
        if swap.exists():
            swap.write_text("0")

    def take(self, pid):
        """False where the process is gone already."""
        try:
            (self.folder / "cgroup.procs").write_text(str(pid))
        except ProcessLookupError:
            return False
        return True

    def remove(self):
        """Whoever is left goes back to where the group came from."""
        for pid in (self.folder / "cgroup.procs").read_text().split():
            try:
                (self.parent / "cgroup.procs").write_text(pid)
            except ProcessLookupError:
                pass  # it ended by itself
        self.folder.rmdir()
