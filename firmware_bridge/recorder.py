"""Records in a thread of its own, behind a bounded buffer, so that a slow or full disk never delays a frame.

Frames that do not fit the buffer are counted, in the recording too. Whatever ends the recording early is stated in its status.
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

import structlog

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import Frame
from firmware_bridge.recording import RecordingWriter, Said
from firmware_bridge.sources.base import SourceInfo, SourceLoss

BUFFER_BYTES = 64 * 1024 * 1024
FREE_FLOOR_BYTES = 500 * 1000 * 1000
"""A disk with less room than this takes no recording: the exam's own records need it."""
SYNC_EVERY_S = 1.0
"""A power cut costs no more than this."""
BUFFER_FULL = "recording-buffer-full"

Write = Callable[[RecordingWriter], None]

log = structlog.get_logger()


class RecordingStopped(BridgeError):
    """The recording ended early: no room, or the disk or the program failed. What was recorded before is in the file."""

    code = "recording-stopped"
    says_code = "recording_stopped"
    status = HTTPStatus.INSUFFICIENT_STORAGE


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """`problem` is what ended the recording early, None if nothing did.

    `frames` are in the recording, or wait to be written while it runs. `dropped` were given to it and are not in it: the buffer was full,
    or the recording ended early before they were safe on the disk.
    """

    path: Path
    running: bool
    frames: int
    bytes: int
    dropped: int
    problem: RecordingStopped | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing to write; `size` is what it takes of the buffer, `frames` how many frames it holds."""

    write: Write
    size: int = 0
    frames: int = 0


class Recorder:
    """One recording from its beginning to its end. Any thread may call any method; only `close` and `frame_waiting` wait."""

    def __init__(self, path: Path, info: SourceInfo, notice: str, free_floor: int = FREE_FLOOR_BYTES) -> None:
        """Makes the file, which must not exist.

        Raises:
            RecordingStopped: it exists or cannot be made, or the disk has no room.
        """
        self._path = path
        self._free_floor = free_floor
        self._entries: deque[_Entry] = deque()
        self._waiting_bytes = 0
        self._frames = self._dropped = self._unstated = 0
        self._written = self._safe = 0
        """Frames given to the file, and of them those that a power cut no longer loses."""
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
        """False once it was closed or has ended early."""
        return not self._ending

    @property
    def status(self) -> RecordingStatus:
        with self._changed:
            size = self._path.stat().st_size if self._path.exists() else 0
            return RecordingStatus(self._path, self.running, self._frames, size, self._dropped, self._problem)

    def frame(self, frame: Frame) -> bool:
        """Records a frame; False if it is not recorded: the buffer is full, which the recording states too, or the recording has ended."""
        size = frame.pixels.nbytes
        with self._changed:
            if self._ending:
                self._dropped += self._problem is not None
                return False
            if self._waiting_bytes + size > BUFFER_BYTES:
                self._dropped += 1
                self._unstated += 1
                return False
            self._state_dropped()
            self._put(_Entry(lambda writer: writer.frame(frame), size, 1))
            self._frames += 1
            return True

    def frame_waiting(self, frame: Frame) -> bool:
        """As `frame`, but waits for room in the buffer: for a source that can wait, such as a file read as fast as it decodes."""
        with self._changed:
            while self._waiting_bytes > BUFFER_BYTES // 2 and not self._ending:
                self._changed.wait(SYNC_EVERY_S)
        return self.frame(frame)

    def reading(self, sequence: int, content: Said) -> None:
        at_ns = time.monotonic_ns()
        self._add(lambda writer: writer.reading(sequence, content, at_ns))

    def event(self, content: Said) -> None:
        at_ns = time.monotonic_ns()
        self._add(lambda writer: writer.event(content, at_ns))

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        at_ns = time.monotonic_ns()
        self._add(lambda writer: writer.losses(losses, at_ns))

    def reopened(self) -> None:
        self._add(lambda writer: writer.reopened())

    def close(self) -> RecordingStatus:
        """Writes everything that waits, and the index, and returns the final status; safe to call twice."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join()
        return self.status

    def _add(self, write: Write) -> None:
        with self._changed:
            if not self._ending:
                self._put(_Entry(write))

    def _put(self, entry: _Entry) -> None:
        self._entries.append(entry)
        self._waiting_bytes += entry.size
        self._changed.notify_all()

    def _state_dropped(self) -> None:
        if self._unstated:
            content, at_ns = {"event": "loss", "cause": BUFFER_FULL, "frames": self._unstated}, time.monotonic_ns()
            self._put(_Entry(lambda writer: writer.event(content, at_ns)))
            self._unstated = 0

    def _run(self) -> None:
        try:
            with self._file:
                self._write_all()
                self._writer.finish()
                self._sync()
        except RecordingStopped as error:
            self._end_early(error)
        except OSError as error:
            self._end_early(_stopped(self._path, error))
        except Exception as error:  # a recording that ends without a word would pass for a whole one
            log.exception("the recording failed", path=str(self._path))
            self._end_early(RecordingStopped(f"recording to {self._path} stopped unexpectedly ({error!r})", "Report this with the log"))

    def _end_early(self, problem: RecordingStopped) -> None:
        with self._changed:
            self._problem, self._ending = problem, True
            self._entries.clear()
            self._dropped += self._frames - self._safe
            self._frames = self._safe
            self._changed.notify_all()

    def _write_all(self) -> None:
        synced = time.monotonic()
        while (taken := self._next_entries()) is not None:
            for entry in taken:
                entry.write(self._writer)
                self._written += entry.frames
                with self._changed:
                    self._waiting_bytes -= entry.size
                    self._changed.notify_all()
            if time.monotonic() - synced >= SYNC_EVERY_S:
                self._check_room()
                self._writer.flush()
                self._sync()
                synced = time.monotonic()

    def _next_entries(self) -> list[_Entry] | None:
        """Takes every entry that waits, after `SYNC_EVERY_S` also an empty list; None once it is closed and everything is written."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._entries) or self._ending, SYNC_EVERY_S)
            if self._ending and not self._entries:
                self._state_dropped()
                if not self._entries:
                    return None
            taken = list(self._entries)
            self._entries.clear()
            return taken

    def _sync(self) -> None:
        self._file.flush()
        os.fdatasync(self._file.fileno())
        self._require_in_place()
        self._safe = self._written

    def _require_in_place(self) -> None:
        """A file that was removed, or whose folder was moved or unmounted, takes every write, and nobody finds it again."""
        try:
            in_place = os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            in_place = False
        if not in_place:
            what = f"recording to {self._path} stopped: the file or its folder was removed, moved or unmounted"
            raise RecordingStopped(what, "Check the disk of the recordings; then start a new recording")

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
