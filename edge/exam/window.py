"""Where the frames of a clip are in its recording: a recording holds the whole zone, the clip a part of it."""

from pathlib import Path

from edge.exam.taking.capture import Window
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.recording import READING
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of


def positions_of(path: Path, window: Window) -> frozenset[int]:
    """The positions of a window's frames in a recording, counted from 0. If the source restarted, the clip restarted, too.

    If the recording states which frames were read at the time of the exam, only these: the answer at that time came from them alone.

    Raises:
        SourceUnreadable: the recording contains none of them.
    """
    positions, read_then, position, previous = dict[int, int](), set[int](), -1, -1
    for channel, message, schema in messages_of(path, _ignore_loss):
        if channel.topic == READING:
            read_then.add(message.sequence)
        if schema is None or schema.name != IMAGE_SCHEMA:
            continue
        position += 1
        if message.sequence <= previous:
            positions.clear()
            read_then.clear()
        previous = message.sequence
        if window.first % SEQUENCES <= message.sequence <= window.last % SEQUENCES:
            positions[message.sequence] = position
    if not positions:
        raise SourceUnreadable(f"{path} contains no frame of the clip", "Find a complete copy of the exam's folder")
    known = positions.keys() & read_then or positions.keys()
    return frozenset(positions[sequence] for sequence in known)


def _ignore_loss(cause: str, frames: int) -> None:
    """Ignores losses here: they are counted when the frames are read."""
