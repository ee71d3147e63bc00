"""Records beside the work: a bounded buffer and a thread, so that a slow or full disk never holds up a frame.

What does not fit the buffer is counted, in the recording as well; what the disk refuses ends the recording with a notice.
"""

import errno
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import Frame
from firmware_bridge.recording import RecordingWriter, Said
from firmware_bridge.sources.base import SourceInfo, SourceLoss

BUFFER_BYTES = 64 * 1024 * 1024
FREE_FLOOR_BYTES = 500 * 1000 * 1000
"""A disk with less room than this takes no recording: the exam's own records need it."""
SYNC_EVERY_S = 1.0
"""At most so much is lost by a cut of power."""
BUFFER_FULL = "recording-buffer-full"

Entry = Callable[[RecordingWriter], None]


class RecordingStopped(BridgeError):
    """The recording ended by itself: no room, or the disk failed. What was recorded until then is kept."""

    code = "recording-stopped"
    status = HTTPStatus.INSUFFICIENT_STORAGE


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """`problem` is what ended the recording, if it did not end as asked."""

    path: Path
    running: bool
    frames: int
    bytes: int
    dropped: int
    problem: RecordingStopped | None


class Recorder:
    """One recording from its beginning to its end. Every method may be called from any thread, and none of them blocks but `close`."""

    def __init__(self, path: Path, info: SourceInfo, notice: str, free_floor: int = FREE_FLOOR_BYTES) -> None:
        """Makes the file; it must not be there yet.

        Raises:
            RecordingStopped: it is there, or cannot be made, or the disk has no room.
        """
        self._path = path
        self._free_floor = free_floor
        self._entries: deque[tuple[int, Entry]] = deque()
        self._waiting_bytes = 0
        self._frames = self._dropped = self._untold = 0
        self._changed = threading.Condition()
        self._ending = False
        self._problem: RecordingStopped | None = None
        self._file: IO[bytes]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._check_room()
            self._file = path.open("xb")
            self._writer = RecordingWriter(self._file, info, notice)
        except OSError as error:
            raise _stopped(path, error) from error
        self._thread = threading.Thread(target=self._run, name="recorder")
        self._thread.start()

    @property
    def running(self) -> bool:
        """False once it was closed or has ended by itself."""
        return not self._ending

    @property
    def status(self) -> RecordingStatus:
        with self._changed:
            size = self._path.stat().st_size if self._path.exists() else 0
            return RecordingStatus(self._path, self.running, self._frames, size, self._dropped, self._problem)

    def frame(self, frame: Frame) -> None:
        """Records a frame; one that finds the buffer full is counted, and the recording says so."""
        size = frame.pixels.nbytes
        with self._changed:
            if self._ending:
                return
            if self._waiting_bytes + size > BUFFER_BYTES:
                self._dropped += 1
                self._untold += 1
                return
            self._tell_dropped()
            self._put(lambda writer: writer.frame(frame), size)
            self._frames += 1

    def frame_waiting(self, frame: Frame) -> None:
        """Records a frame and waits for room if need be: for a source that can wait, such as a file read as fast as it decodes."""
        with self._changed:
            while self._waiting_bytes > BUFFER_BYTES // 2 and not self._ending:
                self._changed.wait(SYNC_EVERY_S)
        self.frame(frame)

    def reading(self, sequence: int, said: Said) -> None:
        at_ns = time.monotonic_ns()
        self._add(lambda writer: writer.reading(sequence, said, at_ns))

    def event(self, said: Said) -> None:
        at_ns = time.monotonic_ns()
        self._add(lambda writer: writer.event(said, at_ns))

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        at_ns = time.monotonic_ns()
        self._add(lambda writer: writer.losses(losses, at_ns))

    def reopened(self) -> None:
        self._add(lambda writer: writer.reopened())

    def close(self) -> RecordingStatus:
        """Writes what waits and the index, and returns how it went; safe to call twice."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join()
        return self.status

    def _add(self, entry: Entry) -> None:
        with self._changed:
            if not self._ending:
                self._put(entry, 0)

    def _put(self, entry: Entry, size: int) -> None:
        self._entries.append((size, entry))
        self._waiting_bytes += size
        self._changed.notify_all()

    def _tell_dropped(self) -> None:
        if self._untold:
            said, at_ns = {"event": "loss", "cause": BUFFER_FULL, "frames": self._untold}, time.monotonic_ns()
            self._put(lambda writer: writer.event(said, at_ns), 0)
            self._untold = 0

    def _run(self) -> None:
        try:
            with self._file:
                self._write_all()
                self._writer.finish()
                self._sync()
        except (OSError, RecordingStopped) as error:
            with self._changed:
                self._problem = error if isinstance(error, RecordingStopped) else _stopped(self._path, error)
                self._ending = True
                self._entries.clear()

    def _write_all(self) -> None:
        synced = time.monotonic()
        while True:
            with self._changed:
                while not self._entries and not self._ending:
                    if not self._changed.wait(SYNC_EVERY_S):
                        break
                taken = list(self._entries)
                self._entries.clear()
                if self._ending and not taken:
                    self._tell_dropped()
                    taken = list(self._entries)
                    self._entries.clear()
                    if not taken:
                        return
            for size, entry in taken:
                entry(self._writer)
                with self._changed:
                    self._waiting_bytes -= size
                    self._changed.notify_all()
            if time.monotonic() - synced >= SYNC_EVERY_S:
                self._check_room()
                self._writer.flush()
                self._sync()
                synced = time.monotonic()

    def _sync(self) -> None:
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def _check_room(self) -> None:
        free = shutil.disk_usage(self._path.parent).free
        if free < self._free_floor:
            left = f"{free // 10**6} MB are left on the disk, and {self._free_floor // 10**6} MB are kept free"
            raise RecordingStopped(f"recording to {self._path} stopped: {left}", "Move recordings away, or record to another disk")


def _stopped(path: Path, error: OSError) -> RecordingStopped:
    if isinstance(error, FileExistsError):
        return RecordingStopped(f"{path} is there already", "Name a new file: nothing recorded is ever overwritten")
    fix = "Free some room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Check the disk and that this user may write there"
    return RecordingStopped(f"recording to {path} stopped ({error.strerror or error})", fix)
