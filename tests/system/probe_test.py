"""What `millrace probe` says of GPUs: of this machine, and with drivers that are fakes."""

import os
import unittest.mock

import program
from program import BUILD, millrace

FAKES = BUILD / "tests" / "libfake_drivers.so"
NVIDIA = ("libcuda.so.1", "libnvcuvid.so.1", "libnvidia-encode.so.1", "libnvidia-ml.so.1")


class Probe(program.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in NVIDIA:
            (cls.folder / name).symlink_to(FAKES)

    def with_fakes(self, **more):
        return unittest.mock.patch.dict(os.environ, LD_LIBRARY_PATH=str(self.folder), **more)

    def notes(self, document, what):
        return [absence["note"] for absence in document["absences"] if absence["what"] == what]

    def test_each_kind_of_gpu_is_there_or_says_why_not(self):
        document = millrace("probe", "--json").document
        there = {"nvidia" if gpu["vendor"] == "nvidia" else "vaapi" for gpu in document["gpus"]}
        for kind in ("nvidia", "vaapi"):
            self.assertTrue(kind in there or self.notes(document, kind), document)

    def test_drivers_are_found_by_the_loader_and_asked(self):
        with self.with_fakes():
            ran, text = millrace("probe", "--json"), millrace("probe")
        self.assertEqual(0, ran.code, ran)
        gpu = ran.document["gpus"][0]
        self.assertEqual(("NVIDIA L4", {"decode": 4, "encode": 2}), (gpu["name"], gpu["engines"]))
        self.assertIn(("hevc", 10), [(form["codec"], form["bits"]) for form in gpu["encodes"]])
        self.assertEqual([], self.notes(ran.document, "nvidia"))
        self.assertIn("NVIDIA L4, 24.0 GiB, driver 580.95.05", text.out)

    def test_a_driver_that_crashes_is_an_absence(self):
        with self.with_fakes(FAKE_DRIVER="crash"):
            ran = millrace("probe", "--json")
        self.assertEqual(0, ran.code, ran)
        self.assertEqual([], ran.document["gpus"])
        self.assertIn("the process that asks the driver", self.notes(ran.document, "nvidia")[0])


if __name__ == "__main__":
    program.main()
