"""The clips as recordings of their exams, for a page with films: only where a person asks for them, because they take room on the disk."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from edge.disk.digest import digest_of
from edge.exam.exam_file import new_part, not_stored, settle
from edge.exam.manifest import ManifestClip
from edge.notice import NOTICE
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.wrapped import WrappedSource


class ThinnedSource(WrappedSource):
    """Every `every`-th frame of another source; with a path they are recorded there while they are read."""

    def __init__(self, source: Source, every: int, into: Path | None) -> None:
        super().__init__(source)
        self._every, self._into = every, into

    def frames(self) -> Iterator[Frame]:
        """Raises RecordingStopped: the disk takes no recording, as does the end of one that lacks frames."""
        frames = islice(self._source.frames(), None, None, self._every)
        if self._into is None:
            yield from frames
            return
        recorder = Recorder(self._into, self.info, NOTICE)
        try:
            for frame in frames:
                recorder.frame_waiting(frame)
                yield frame
        finally:
            problem = recorder.close().problem
        if problem is not None:
            raise problem


class Copies:
    """The recordings on their way from the reading of a clip to its exam, in `folder`; None: none are made."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def into(self, clip: ManifestClip) -> Path | None:
        """Where to record a clip while it is read."""
        return None if self._folder is None else self._folder / hashlib.sha256(str(clip.path).encode()).hexdigest()

    def stored(self, clip: ManifestClip, exam: Path) -> tuple[str, str, int]:
        """Moves the recording of a clip to the folder of its exam: the name of its file, its digest and its bytes; empty without one.

        Raises:
            ExamNotStored: the disk refuses it.
        """
        recorded = self.into(clip)
        if recorded is None:
            return "", "", 0
        try:
            settled = settle(recorded.replace(new_part(exam, clip.zone)))
            return settled.name, digest_of(settled), settled.stat().st_size
        except OSError as error:
            raise not_stored(exam, error) from error
