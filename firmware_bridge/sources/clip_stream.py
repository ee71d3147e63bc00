"""Which stream of a video file is the clip, and how many frames of it the file shows.

A cover, a thumbnail or a chapter picture is a stream too. A count in a header counts stored samples: an edit list hides some of
them, and a recorder that missed a picture stores nothing, or a mark, in its place: the frame before is shown again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_bridge.sources.recorded import unreadable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.index import IndexEntry
    from av.video.stream import VideoStream

MARK_BYTES: Mapping[str, int] = {"mpeg4": 19}
"""Codec -> the most bytes of a mark "the frame before again": in MPEG-4 a picture "not coded" (ISO/IEC 14496-2, vop_coded), or one byte."""


def clip_of(path: Path, container: "InputContainer") -> "VideoStream":
    """The stream with the most pictures, the first of several; the container is then read to its end.

    Raises:
        SourceUnreadable: there is no stream with pictures, or attached pictures only.
    """
    from av.stream import Disposition  # noqa: PLC0415 - FFmpeg is loaded only for a video

    if not container.streams.video:
        raise unreadable(path, "it holds no video, or is cut off")
    clips = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not clips:
        raise unreadable(path, "it holds a cover picture, but no video", "Export the clip itself")
    if len(clips) == 1:
        return clips[0]
    pictures = _count(container, clips)
    return max(clips, key=lambda stream: pictures[stream.index])


def _count(container: "InputContainer", clips: "list[VideoStream]") -> Counter[int]:
    """The pictures of each stream by its number, counted without decoding them; those behind damage do not count."""
    import av  # noqa: PLC0415 - FFmpeg is loaded only for a video

    pictures: Counter[int] = Counter()
    try:
        for packet in container.demux(tuple(clips)):
            pictures[packet.stream_index] += packet.size > 0
    except av.FFmpegError:
        pass
    return pictures


def shown(path: Path, stream: "VideoStream") -> int | None:
    """The frames that the file announces and does not hide; None where it announces none.

    Without an index, the repetitions in an AVI are known only as far as it was read.
    """
    if not stream.frames:
        return None
    kind, index = stream.container.format.name, stream.index_entries
    if "mp4" in kind or (kind == "avi" and _has_index(path)):
        return sum(not entry.is_discard for entry in index)
    return stream.frames - (_repeated(index) if kind == "avi" else 0)


def marks(stream: "VideoStream") -> int:
    """How many packets of the part that was read may only mark that the frame before is shown again."""
    most = MARK_BYTES.get(stream.codec_context.name, -1)
    return sum(entry.size <= most for entry in stream.index_entries)


def _has_index(avi: Path) -> bool:
    """Whether an AVI has its index, which stands behind the frames and lists no repetition."""
    with avi.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            if head.startswith(b"idx1"):
                return True
            size = int.from_bytes(head[4:], "little")
            file.seek(size + size % 2, 1)
    return False


def _repeated(index: "Iterable[IndexEntry]") -> int:
    """The places in time, between those of the frames so far, that an AVI fills with the frame before."""
    return sum(max(0, later.timestamp - one.timestamp - 1) for one, later in pairwise(index))
