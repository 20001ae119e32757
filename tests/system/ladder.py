"""What must hold of any ladder that any source becomes."""

import media
import program
from program import millrace

FAST = ("--preset", "ultrafast")


class LadderTest(program.SystemTest):
    def assert_rendition(self, source, size, name="360p", frames=None, ladder=None):
        """The source transcodes; the rendition `name` has that size, all renditions have all frames and decode."""
        out = self.folder / f"out-{source.name}"
        ran = millrace("transcode", source, "-o", out, *(["--ladder", ladder] if ladder else []), *FAST, "--json")
        self.assertEqual(0, ran.code, ran)
        tracks = [path.parent for path in (out / "abr").glob("*/init.mp4") if path.parent.name != "audio"]
        wanted = media.count_frames(source) if frames is None else frames
        starts = set()
        for track in tracks:
            whole = media.joined(track, self.folder / "whole.mp4")
            self.assertEqual("", media.complaints(whole), track)
            self.assertEqual(wanted, media.count_frames(whole), track)
            starts.add(tuple(media.segment_times(segment)[0] for segment in media.segments_of(track)))
        self.assertEqual(1, len(starts), "segments start at different ticks")
        whole = media.joined(out / "abr" / name, self.folder / "whole.mp4")
        if size is not None:
            self.assertEqual(size, media.size_of(whole))
        picture = media.probe(whole)["streams"][0]
        self.assertEqual("1:1", picture.get("sample_aspect_ratio", "1:1"))
        self.assertEqual("yuv420p", picture["pix_fmt"])
        self.assertEqual(0, millrace("verify", out, "--deep").code)
        return out
