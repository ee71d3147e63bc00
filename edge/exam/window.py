"""Where the frames of a clip are in its recording: a recording holds the whole zone, the clip a part of it."""

from dataclasses import dataclass
from pathlib import Path

from edge.exam.taking.capture import Window
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.recording import READING
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of


@dataclass(frozen=True, slots=True)
class Located:
    """The positions of a window's frames in its recording, counted from 0: `every` one, and those that were `read` at the time of the exam.

    `damaged`: a part of the recording cannot be read, so that frames can be missing.
    """

    every: frozenset[int]
    read: frozenset[int]
    damaged: bool


def locate(path: Path, window: Window) -> Located:
    """The frames of a window in a recording. If the source restarted, the clip restarted, too.

    Raises:
        SourceUnreadable: the recording contains none of them.
    """
    positions, read_then, position, previous = dict[int, int](), set[int](), -1, -1
    lost = list[str]()
    for channel, message, schema in messages_of(path, lambda cause, _: lost.append(cause)):
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
    read = frozenset(positions[sequence] for sequence in positions.keys() & read_then)
    return Located(frozenset(positions.values()), read, bool(lost))


def positions_of(path: Path, window: Window) -> frozenset[int]:
    """The positions of the frames that a clip is read again from: those that were read at the time of the exam.

    The answer at that time came from them alone. Where the recording does not state them: every frame of the window.

    Raises:
        SourceUnreadable: the recording contains none of them.
    """
    found = locate(path, window)
    return found.read or found.every
