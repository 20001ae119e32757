"""Files that lie about what is in them, made byte for byte."""

import struct
import zlib
from pathlib import Path

MEGABYTE = 1 << 20


def zeros(count):
    """A zlib stream that unfolds to that many zero bytes; made at once, however many (RFC 1950, RFC 1951)."""
    def block(size):
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflate.compress(bytes(size)) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = count % 65521 << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + block(MEGABYTE) * (count // MEGABYTE) + block(count % MEGABYTE) + b"\x03\x00" + struct.pack(">I", checksum)


def png(path, width, height, chunks=(), pictured=True):
    """A transparent PNG of any size in few bytes. `pictured`: its lines are really there; `chunks`: (name, content) before them."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    lines = zeros((4 * width + 1) * (height if pictured else 1))
    parts = [(b"IHDR", head), *chunks, (b"IDAT", lines), (b"IEND", b"")]
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    return Path(path)


def jpeg_of_size(data, width, height):
    """The same bytes with every JPEG's frame header (SOF0) promising another size."""
    data = bytearray(data)
    at = data.find(b"\xff\xc0")
    while at >= 0:
        struct.pack_into(">HH", data, at + 5, height, width)
        at = data.find(b"\xff\xc0", at + 2)
    return bytes(data)


def h264_of_size(path, macroblocks_wide, macroblocks_high):
    """A raw H.264 stream: parameter sets that promise that size, and an IDR slice of nothing (H.264 §7.3.2.1)."""
    def golomb(value):
        return f"{value + 1:b}".zfill(2 * (value + 1).bit_length() - 1)

    def bytes_of(bits):
        bits += "1" + "0" * (-(len(bits) + 1) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")
    counts = "".join(map(golomb, (0, 0, 2, 1)))  # its id, frame numbers, picture order by decoding, one reference
    sequence = counts + "0" + golomb(macroblocks_wide - 1) + golomb(macroblocks_high - 1) + "1100"
    units = [b"\x67\x42\x00\x33" + bytes_of(sequence), b"\x68\xce\x3c\x80", b"\x65\x88\x84" + bytes(64)]
    Path(path).write_bytes(b"".join(b"\0\0\0\1" + unit for unit in units) * 10)
    return Path(path)


def patched(path, source, *changes):
    """A copy of an MP4 with changes: (box, bytes after its name, new content); the first box of that name."""
    data = bytearray(Path(source).read_bytes())
    for box, offset, content in changes:
        at = data.find(box.encode())
        if at < 0:
            raise AssertionError(f"{source} has no {box}")
        data[at + 4 + offset:at + 4 + offset + len(content)] = content
    Path(path).write_bytes(data)
    return Path(path)


def with_tracks(path, source, count):
    """A copy of an MP4 (its index in front) whose first track is there `count` times more."""
    data = Path(source).read_bytes()
    index, track = data.find(b"moov") - 4, data.find(b"trak") - 4
    size, length = struct.unpack_from(">I", data, index)[0], struct.unpack_from(">I", data, track)[0]
    copies = data[track:track + length] * count
    Path(path).write_bytes(data[:index] + struct.pack(">I", size + len(copies)) + data[index + 4:track] + copies + data[track:])
    return Path(path)
