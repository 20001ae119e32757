"""A disk that is as small as a test wants it, at any moment: a tmpfs in a mount namespace of this process and what it starts."""

import ctypes
import os

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_REC, MS_PRIVATE = 2, 4, 32, 16384, 1 << 18
MNT_DETACH = 2
PAGE = os.sysconf("SC_PAGESIZE")

LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def why_not():
    """Enters the namespace, for good. What stands in the way of mounting, as a sentence; None if nothing does."""
    try:
        call("unshare", CLONE_NEWNS)
        call("mount", b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
    except OSError as refused:
        return f"no disk can be mounted here ({refused.strerror})"
    return None


class SmallDisk:
    def __init__(self, folder, size):
        folder.mkdir()
        self.folder = folder
        self.mount(size)

    def mount(self, size, flags=0):
        call("mount", b"small", os.fsencode(self.folder), b"tmpfs", ctypes.c_ulong(MS_NOSUID | MS_NODEV | flags), f"size={size}".encode())

    def resize(self, size):
        self.mount(size, MS_REMOUNT)

    def leave_free(self, size):
        """At most so much, and a little for who writes meanwhile: the disk cannot become smaller than what is used."""
        while True:
            facts = os.statvfs(self.folder)
            try:
                return self.resize((facts.f_blocks - facts.f_bfree) * facts.f_frsize + size)
            except OSError:
                size += PAGE

    def unmount(self):
        call("umount2", os.fsencode(self.folder), MNT_DETACH)
