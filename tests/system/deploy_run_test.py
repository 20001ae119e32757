"""deploy/run as a new user runs it: a clip goes in, an address comes out that a player can watch."""

import re
import socket
import subprocess
import unittest

import media
import program


@unittest.skipUnless(program.BUILD.resolve() == program.ROOT / "build", "deploy/run builds and runs build/ only")
class DeployRun(program.SystemTest):
    def run_it(self, *arguments):
        ran = program.Ran(subprocess.run(
            [program.ROOT / "deploy" / "run", "--listen", self.address, "--data", self.folder / "data", *arguments],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, env=program.environment(), timeout=300))
        self.assertEqual(0, ran.code, ran)
        return ran.out

    def watched(self, said):
        """Frames that a player gets from the address that was printed."""
        address = re.search(r"watch it at +(\S+master\.m3u8)", said)
        self.assertTrue(address, said)
        return media.count_frames(address.group(1))

    def test_ends_in_an_address_that_can_be_watched(self):
        held = socket.socket()  # bound and never listening: the server that asks for this port gets it, others do not
        self.addCleanup(held.close)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{held.getsockname()[1]}"
        self.addCleanup(self.run_it, "--stop")
        clip = media.make_clip(self.folder / "a clip.mp4", 3, "320x240", "25")
        self.assertEqual(75, self.watched(self.run_it(clip)))
        again = self.run_it(clip)
        self.assertIn("already serving", again)
        self.assertEqual(75, self.watched(again))


if __name__ == "__main__":
    program.main()
