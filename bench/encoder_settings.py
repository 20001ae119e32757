#!/usr/bin/env python3
"""What x264 settings cost and are worth against their preset's own: CPU time of the encode, bits, SSIM and PSNR.

    bench/encoder_settings.py --preset veryfast aq-mode=2 aq-mode=2:me=dia --clips CLIP:BITRATE[:FROM[:SECONDS[:LINES]]] ...

Of each CLIP a part (five seconds from its start, unless told; scaled to LINES) is decoded to raw pictures. From those
one thread encodes, with the preset as it is and with each of the SETTINGS (x264's names, joined with colons), in turn.
BITRATE as ffmpeg takes it (5M), the peak half as much again; key frames every four seconds. A line each on standard
output, in per cent of the preset's own; "1-SSIM" is luma's distance from the source. Nothing else should run meanwhile;
--rounds takes the median CPU time of so many.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-y")
GRID = "scenecut=0:open-gop=0:keyint=100:min-keyint=100"  # four seconds of 25 frames


def fail(sentence):
    sys.exit(f"encoder_settings.py: {sentence}")


def bits_of(text):
    if not re.fullmatch(r"[\d.]+[kM]", text):
        fail(f"the bitrate is '{text}': write 800k or 5M")
    return round(float(text[:-1]) * {"k": 1e3, "M": 1e6}[text[-1]])


def cpu_seconds_of(command):
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        fail(f"this failed with {process.returncode}: {' '.join(map(str, command))}")
    return used.ru_utime + used.ru_stime


def raw_pictures(part, folder):
    clip, bitrate, *given = part.split(":")
    start, seconds, lines = given + ["0", "5", ""][len(given):]
    pictures = folder / f"{Path(clip).stem}{lines and '_' + lines}.y4m"
    scale = ["-vf", f"scale=-2:{lines}:flags=bicubic"] if lines else []
    # A raw stream cannot be sought in: the parts before are decoded, too.
    cpu_seconds_of([*FFMPEG, "-v", "error", "-i", clip, "-ss", start, "-t", seconds, "-an", *scale, "-pix_fmt",
                    "yuv420p", pictures])
    return pictures, bits_of(bitrate)


def encode(pictures, bitrate, preset, settings, coded):
    parameters = ":".join(filter(None, [GRID, settings]))
    return cpu_seconds_of([*FFMPEG, "-v", "error", "-i", pictures, "-c:v", "libx264", "-preset", preset, "-threads", "1",
                           "-b:v", str(bitrate), "-maxrate", str(bitrate * 3 // 2), "-bufsize", str(bitrate * 2),
                           "-x264-params", parameters, coded])


def likeness(coded, pictures):
    log = subprocess.run([*FFMPEG, "-i", coded, "-i", pictures, "-lavfi", "[0:v][1:v]ssim;[0:v][1:v]psnr", "-f", "null",
                          "-"], capture_output=True, text=True, check=True).stderr
    ssim, psnr = re.search(r"SSIM Y:([\d.]+)", log), re.search(r"PSNR y:([\d.]+)", log)
    if not ssim or not psnr or float(ssim[1]) == 1:
        fail(f"{pictures.stem}: coded without loss, which tells nothing apart; give it fewer bits")
    return float(ssim[1]), float(psnr[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="veryfast")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("settings", nargs="+", metavar="SETTINGS")
    parser.add_argument("--clips", nargs="+", required=True, metavar="CLIP:BITRATE[:FROM[:SECONDS[:LINES]]]")
    given = parser.parse_args()
    all_settings = ["", *given.settings]
    with tempfile.TemporaryDirectory(prefix="millrace-encoder-") as name:
        for part in given.clips:
            pictures, bitrate = raw_pictures(part, Path(name))
            coded = pictures.with_suffix(".mkv")
            times = {settings: [] for settings in all_settings}
            found = {}
            for _ in range(given.rounds):
                for settings in all_settings:
                    times[settings].append(encode(pictures, bitrate, given.preset, settings, coded))
                    if settings not in found:
                        found[settings] = (coded.stat().st_size, *likeness(coded, pictures))
            own_time, (own_size, own_ssim, own_psnr) = statistics.median(times[""]), found[""]
            for settings in all_settings:
                time, (size, ssim, psnr) = statistics.median(times[settings]), found[settings]
                print(f"{pictures.stem}  {given.preset} {settings or '(its own)'}: CPU {time:.2f} s "
                      f"({100 * (time / own_time - 1):+.1f} %), bits {100 * (size / own_size - 1):+.1f} %, "
                      f"1-SSIM {100 * ((1 - ssim) / (1 - own_ssim) - 1):+.1f} % ({ssim:.5f}), "
                      f"PSNR y {psnr:.2f} ({psnr - own_psnr:+.2f})", flush=True)
            pictures.unlink()


if __name__ == "__main__":
    main()
