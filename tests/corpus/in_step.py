"""How far sound and picture moved against each other on their way: sound is compared sample by sample with the source's."""

import array
import subprocess
from operator import mul

import media

RATE = 4000
WINDOW = RATE // 2
REACH = RATE // 20  # 50 ms each way
LOUD = 10  # the root mean square of samples of 16 bits, at least
ALIKE = 0.5  # the correlation that tells the same sound from another


def samples(path, stream, zero):
    """The sound since `zero` (seconds on the file's own clock), mono, gaps filled with silence (shorter ones are how some decoders round)."""
    ran = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", str(path), "-map", f"0:{stream}", "-af",
                          f"asetpts=PTS-({zero:.6f})/TB,aresample={RATE}:async=1:min_hard_comp=0.03:first_pts=0", "-ac", "1",
                          "-f", "s16le", "-"], capture_output=True)
    if ran.returncode != 0:
        raise AssertionError(f"{path}: {ran.stderr.decode(errors='replace')}")
    return array.array("h", ran.stdout)


def energy(part):
    return sum(map(mul, part, part))


def loud_window(sound, starts):
    """The first of these places with something to compare; None in silence."""
    return next((at for at in starts if energy(sound[at:at + WINDOW]) > LOUD * LOUD * WINDOW), None)


def lag(source, ours, at):
    """Seconds by which our sound comes later than the source's there."""
    wanted = source[at:at + WINDOW]
    best, found = 0.0, None
    for shift in sorted(range(-REACH, REACH + 1), key=abs):
        if at + shift < 0:
            continue
        part = ours[at + shift:at + shift + WINDOW]
        if len(part) < WINDOW:
            continue
        likeness = sum(map(mul, wanted, part)) / max((energy(wanted) * energy(part)) ** 0.5, 1)
        if likeness > best + 1e-6:
            best, found = likeness, shift
    if best < ALIKE:
        raise AssertionError(f"another sound at {at / RATE:.2f} s: it is like the source's by {best:.2f} only")
    return found / RATE


def drift(clip, clip_sound, clip_times, track, times):
    """Seconds that the sound is late against the picture, at its start and at its end; None where it is silent. `clip_times`,
    `times`: when the pictures of the source and of the result are shown, where that is known; `track`: the result's sound."""
    source = samples(clip, clip_sound, clip_times[0])
    ours = samples(track, "a:0", times[0])
    last = min(len(source), len(ours)) - WINDOW - REACH
    start = loud_window(source, range(0, last + 1, WINDOW // 3))
    if start is None:
        return None
    end = loud_window(source, range(last, -1, -WINDOW // 3))
    known = max(index for index, time in enumerate(clip_times) if time is not None)
    late = (times[known] - times[0]) - (clip_times[known] - clip_times[0])  # the last picture's own
    return lag(source, ours, start), lag(source, ours, end) - late
