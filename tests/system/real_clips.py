"""What must become of the real clips (MILLRACE_MEDIA): whole outputs, unless they stand here."""

WHOLE, REFUSED, DAMAGED = "whole", "refused", "damaged"

# What becomes of a clip that is not simply whole: refused (exit 3) with these words, or damaged: refused by default, and with
# "on_damage": "accept" made of what decodes, with what was lost in the receipt.
OTHERS = {
    "broken/bitflips_in_mdat_derived.mp4": (DAMAGED, "at "),
    "broken/truncated_faststart_bbb_derived.mp4": (DAMAGED, "cut short"),
    "broken/no_timescale.mp4": (DAMAGED, "at 0.000 s"),
    "broken/malformed_free_box.mp4": (REFUSED, ""),
    "broken/text_renamed.mp4": (REFUSED, "not a media file"),
    "broken/truncated_no_moov_derived.mp4": (REFUSED, "moov"),
    "broken/vp9_invalid_bitstream.webm": (REFUSED, ""),
    "broken/zero_bytes.mp4": (REFUSED, "empty"),
    "odd/external_subtitles_styled.srt": (REFUSED, "a text"),
}
# The size of the 360p rendition where it is not simply 16:9 of an upright source.
SIZES = {
    "clips/crowd_480x360_11s.mp4": (480, 360),
    "clips/crystal_720x480_12s.mp4": (540, 360),
    "containers/fragmented_h264.mp4": (540, 360),
    "containers/sample_av1_aac.mp4": (540, 360),
    "containers/sample_h264.flv": (540, 360),
    "odd/hdr10_av1_10bit_portrait720x1280.mp4": (360, 640),
    "odd/portrait_4k60_rot90_h264.mp4": (360, 640),
    "odd/portrait_rot90_hevc10_hlg_editlist.mp4": (360, 640),
    "odd/rotated270_h264_720p.mp4": (360, 640),
    "odd/sar_64x45_800x640.mp4": (640, 360),
    "odd/single_frame_hevc.mp4": (480, 360),
    "odd/subs_ass.mkv": (540, 360),
    "odd/subs_pgs.mkv": (540, 360),
    "odd/two_audio_langs_srt_derived.mkv": (540, 360),
}
STILLS = (".jpg", ".png")  # no videos: refused as a source


def outcome_of(name):
    return OTHERS.get(name, (REFUSED, "slide show") if name.endswith(STILLS) else (WHOLE, ""))
