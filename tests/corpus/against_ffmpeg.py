"""The top rung of a real clip's own ladder, beside what ffmpeg makes of the same clip with the same bits: SSIM of both against the
normalised source, which ffmpeg's own filters make."""

import json
import re
import subprocess

import media
from program import millrace

SECONDS = 1  # of the beginning; enough to compare, and 1080p takes long
LOSS = 0.002  # that is allowed

# What the source needs beside what ffmpeg does by itself (it turns pictures upright).
DEINTERLACED = "bwdif=mode=send_frame:deint=interlaced"
TONE_MAPPED = ("zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
               "zscale=t=bt709:m=bt709:r=limited,format=yuv420p")
NEEDS = {
    "odd/interlaced_1080i_avchd_sony_0.5s.mts": DEINTERLACED,
    "odd/interlaced_480i_mpeg2_derived.ts": DEINTERLACED,
    "odd/odd_dimensions_vp9.webm": "crop=160:120:0:0",
    "odd/hdr10_av1_10bit_portrait720x1280.mp4": TONE_MAPPED,
    "odd/hdr10_hevc10_1080p_sdr_container.mp4": TONE_MAPPED,
    "odd/portrait_rot90_hevc10_hlg_editlist.mp4": TONE_MAPPED,
}
SQUARE = "scale=w=trunc(iw*sar/2+0.5)*2:h=trunc(ih/2)*2:flags=bicubic:out_range=tv,setsar=1,format=yuv420p"


def normalised(clip, name, stream, frames, into):
    """The first pictures of the source as raw 4:2:0 of limited range: upright, with square pixels, SDR, whole frames."""
    filters = ",".join([*([NEEDS[name]] if name in NEEDS else []), SQUARE])
    media.ffmpeg("-i", clip, "-map", f"0:{stream}", "-vf", filters, "-frames:v", frames, "-fps_mode", "passthrough",
                 "-c:v", "rawvideo", "-f", "nut", into)


def encoded(source, rung, into):
    bits = rung["bits_per_second"]
    media.ffmpeg("-i", source, "-vf", f"scale={rung['width']}:{rung['height']}:flags=bicubic", "-fps_mode", "passthrough",
                 "-c:v", "libx264", "-preset", "ultrafast", "-b:v", bits, "-maxrate", bits * 3 // 2, "-bufsize", bits * 2,
                 "-sc_threshold", "0", "-g", "9999", "-threads", rung["encoder_threads"], into)


def ssim(source, *pictures):
    """Of each file against the source, picture by picture, at the source's size."""
    width, height = media.size_of(source)
    names = [f"r{index}" for index in range(len(pictures))]
    graph = f"[0:v]settb=1/25,setpts=N,split={len(names)}" + "".join(f"[{name}]" for name in names)
    for index, name in enumerate(names):
        graph += f";[{index + 1}:v]settb=1/25,setpts=N,scale={width}:{height}:flags=bicubic,setsar=1[p{index}];[p{index}][{name}]ssim[o{index}]"
    inputs = [word for path in (source, *pictures) for word in ("-i", str(path))]
    outputs = [word for index in range(len(names)) for word in ("-map", f"[o{index}]", "-f", "null", "-")]
    ran = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", *inputs, "-filter_complex", graph, *outputs],
                         capture_output=True, text=True)
    found = dict(re.findall(r"Parsed_ssim_(\d+) .*All:([\d.]+)", ran.stderr))
    if ran.returncode != 0 or len(found) != len(pictures):
        raise AssertionError(f"no SSIM: {ran.stderr[-2000:]}")
    return [float(found[number]) for number in sorted(found, key=int)]


def compare(clip, name, stream, folder):
    """(our SSIM, ffmpeg's) of the top rung, encoded by as many threads; its name."""
    rung = millrace("explain", clip, "--json").document["renditions"][0]
    text = json.dumps({"outputs": [{"name": "abr", "type": "adaptive", "preset": "ultrafast", "segment_seconds": 2 * SECONDS,
                                    "ladder": [{"height": min(rung["width"], rung["height"])}]}],
                       "trim": {"from": 0, "to": SECONDS}, "cores": 1})  # with one thread x264 makes the same every time
    (rung,) = millrace("explain", clip, "--spec", "-", "--json", stdin=text).document["renditions"]
    out = folder / "top"
    ran = millrace("transcode", clip, "-o", out, "--spec", "-", stdin=text, within=300)
    if ran.code != 0:
        raise AssertionError(f"the top rung of {name}: {ran}")
    (track,) = [path.parent for path in (out / "abr").glob("*/init.mp4") if not path.parent.name.startswith("audio")]
    ours, theirs, source = media.joined(track, folder / "ours.mp4"), folder / "theirs.mp4", folder / "source.nut"
    normalised(clip, name, stream, media.count_frames(ours), source)
    encoded(source, rung, theirs)
    scores = ssim(source, ours, theirs)
    source.unlink()
    return scores, track.name
