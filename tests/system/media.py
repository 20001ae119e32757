"""Samples made with the ffmpeg program, and what ffmpeg and ffprobe say of a file: a second opinion on our output."""

import json
import re
import struct
import subprocess
from pathlib import Path


def ffmpeg(*arguments):
    ran = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise AssertionError(f"ffmpeg {' '.join(map(str, arguments))}\n{ran.stderr}")


def make_clip(path, seconds=6, size="640x360", rate="25", sound=True, video=(), filters=None):
    """A moving test picture with a tone. `video`: encoder arguments; `filters`: libavfilter text for the picture."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    codecs = list(video) or ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
        codecs += ["-c:a", "libopus" if str(path).endswith(".webm") else "aac", "-b:a", "96k"]
    ffmpeg(*inputs, *(["-vf", filters] if filters else []), *codecs, path)
    return Path(path)


def pgs_boxes(path, canvas, boxes):
    """A Blu-ray subtitle file (.sup) of white boxes: (start, end, x, y, width, height), seconds and samples of the canvas."""
    def segment(pts, kind, body):
        return b"PG" + struct.pack(">IIBH", round(pts * 90000), 0, kind, len(body)) + body

    data, number = b"", 0
    for start, end, x, y, width, height in boxes:
        rows = (struct.pack(">BHB", 0, 0xC000 | width, 1) + b"\0\0") * height
        item = struct.pack(">HH", width, height) + rows
        head = struct.pack(">HHBHBBBB", *canvas, 0x10, number, 0x80, 0, 0, 1)
        data += segment(start, 0x16, head + struct.pack(">HBBHH", 0, 0, 0, x, y))
        data += segment(start, 0x17, struct.pack(">BBHHHH", 1, 0, x, y, width, height))
        data += segment(start, 0x14, bytes([0, 0, 1, 235, 128, 128, 255]))
        data += segment(start, 0x15, struct.pack(">HBB", 0, 0, 0xC0) + (len(item)).to_bytes(3, "big") + item)
        data += segment(start, 0x80, b"")
        data += segment(end, 0x16, struct.pack(">HHBHBBBB", *canvas, 0x10, number + 1, 0, 0, 0, 0)) + segment(end, 0x80, b"")
        number += 2
    Path(path).write_bytes(data)
    return Path(path)


def promise_seconds(path, seconds):
    """Writes another length into the headers of an FLV or Matroska file (and the tags of its tracks), or a playlist's EXTINF."""
    data = Path(path).read_bytes()
    if data.startswith(b"#EXTM3U"):
        data = re.sub(rb"(?m)^#EXTINF:[0-9.]+", b"#EXTINF:%f" % (seconds / data.count(b"#EXTINF")), data)
    else:
        flv = data.startswith(b"FLV")
        mark = b"duration\0" if flv else b"\x44\x89\x88"  # a script value's name and kind; Segment Duration with its size
        at = data.index(mark) + len(mark)
        data = data[:at] + struct.pack(">d", seconds if flv else 1000 * seconds) + data[at + 8:]
        if not flv:
            data = re.sub(rb"00:\d\d:\d\d\.\d{9}", b"00:00:%012.9f" % seconds, data)
    Path(path).write_bytes(data)
    return Path(path)


def turn(path, source, degrees):
    """The same stream with a display matrix that turns it: players show it turned clockwise by `degrees`."""
    for flags in (["-display_rotation:v:0", str(-degrees), "-i", source], ["-i", source, "-metadata:s:v:0", f"rotate={degrees}"]):
        try:
            ffmpeg(*flags, "-c", "copy", path)
        except AssertionError:
            continue  # ffmpeg before 6.0 knows only the second way, ffmpeg from 7.0 only the first
        if any("rotation" in data for stream in probe(path)["streams"] for data in stream.get("side_data_list", [])):
            return Path(path)
    raise AssertionError("this ffmpeg cannot write a rotation")


def probe(path, *arguments):
    ran = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", *arguments, str(path)],
                         capture_output=True, text=True)
    if ran.returncode != 0:
        raise AssertionError(f"ffprobe {path}\n{ran.stderr}")
    return json.loads(ran.stdout)


def count_frames(path, stream="v:0"):
    """Frames that a decoder gives."""
    found = probe(path, "-count_frames", "-select_streams", stream)["streams"]
    return int(found[0]["nb_read_frames"])


def frame_times(path, stream="v:0"):
    """When each frame that a decoder gives is shown, seconds on the file's own clock; None where nothing says it."""
    ran = subprocess.run(["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "frame=best_effort_timestamp_time",
                          "-of", "json", str(path)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise AssertionError(f"ffprobe {path}\n{ran.stderr}")
    times = [frame.get("best_effort_timestamp_time") for frame in json.loads(ran.stdout)["frames"]]
    return [None if time is None else float(time) for time in times]


def size_of(path):
    stream = next(stream for stream in probe(path)["streams"] if stream["codec_type"] == "video")
    return stream["width"], stream["height"]


def complaints(path, *flags):
    """What a decoder says of the whole file: nothing, if it is well."""
    ran = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *flags, "-i", str(path), "-map", "0", "-f", "null", "-"],
                         capture_output=True, text=True)
    return ran.stderr + ("" if ran.returncode == 0 else f"exit code {ran.returncode}")


def combed_frames(path):
    """How many frames show two moments in their even and odd lines, as libavfilter's idet sees them."""
    ran = subprocess.run(["ffmpeg", "-v", "info", "-nostdin", "-i", str(path), "-an", "-vf", "idet", "-f", "null", "-"],
                         capture_output=True, text=True)
    counts = re.findall(r"Single frame detection: TFF: *(\d+) BFF: *(\d+)", ran.stderr)
    if ran.returncode != 0 or not counts:
        raise AssertionError(f"{path}: exit code {ran.returncode}\n{ran.stderr}")
    return sum(map(int, counts[-1]))


def frames_of_a_well_file(path):
    """Frames that a decoder gives of a file of which it says nothing; one decode for both."""
    ran = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-progress", "pipe:1", "-i", str(path), "-map", "0", "-f", "null", "-"],
                         capture_output=True, text=True)
    if ran.returncode != 0 or ran.stderr:
        raise AssertionError(f"{path}: exit code {ran.returncode}\n{ran.stderr}")
    return [int(line.removeprefix("frame=")) for line in ran.stdout.splitlines() if line.startswith("frame=")][-1]


def segments_of(track):
    """A track's segments in their order."""
    return sorted(Path(track).glob("*.m4s"))


def joined(track, into):
    """The track as one file: init.mp4 and all its segments."""
    into = Path(into)
    with open(into, "wb") as out:
        for part in [Path(track) / "init.mp4", *segments_of(track)]:
            out.write(part.read_bytes())
    return into


def boxes(data, path):
    """The contents of the boxes below `data` that lie at `path`: ISO/IEC 14496-12 §4.2."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        if size < head:
            raise AssertionError(f"a box of {size} bytes")
        content = data[at + head:at + size]
        if kind.decode("latin-1") == path[0]:
            yield from [content] if len(path) == 1 else boxes(content, path[1:])
        at += size


def segment_times(segment, default_duration=0):
    """Presentation times of a segment's frames in their order, in ticks of the track: tfdt and trun."""
    data = Path(segment).read_bytes()
    (tfhd,) = boxes(data, ["moof", "traf", "tfhd"])
    (tfdt,) = boxes(data, ["moof", "traf", "tfdt"])
    flags = struct.unpack_from(">I", tfhd)[0] & 0xFFFFFF
    at = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    if flags & 8:
        default_duration = struct.unpack_from(">I", tfhd, at)[0]
    decode_time = struct.unpack_from(">Q" if tfdt[0] else ">I", tfdt, 4)[0]
    times = []
    for trun in boxes(data, ["moof", "traf", "trun"]):
        flags, count = struct.unpack_from(">II", trun)
        flags &= 0xFFFFFF
        at = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
        for _ in range(count):
            duration, offset = default_duration, 0
            for bit in (0x100, 0x200, 0x400, 0x800):
                if not flags & bit:
                    continue
                if bit == 0x100:
                    duration = struct.unpack_from(">I", trun, at)[0]
                if bit == 0x800:
                    offset = struct.unpack_from(">i", trun, at)[0]
                at += 4
            times.append(decode_time + offset)
            decode_time += duration
    return sorted(times)
