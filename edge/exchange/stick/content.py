"""What a bundle holds of an exam: what an export to a folder has, and the DICOM objects."""

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from typing_extensions import Self

from edge.disk.digest import digest_of
from edge.disk.plain_file import inside, open_plain
from edge.exam.export import Wanted
from edge.exchange.dicom.written import Objects
from edge.exchange.stick.forms import token
from edge.records.exams.file import FILE
from firmware_bridge.errors import SonoEdgeError

OBJECTS = "dicom"
"""The folder of the DICOM objects in an exam."""

WriteObjects = Callable[[Path], Objects]
"""Writes the DICOM objects of an exam into an empty folder."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of an exam; `sha256` is what the records state of it, or what was read just now."""

    name: str
    sha256: str
    content: bytes | Path

    @classmethod
    def of(cls, name: str, content: bytes) -> Self:
        """A file that is written from memory."""
        return cls(name, sha256(content).hexdigest(), content)

    def open(self) -> BinaryIO:
        """To read.

        Raises:
            OSError: it cannot be read.
        """
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else open_plain(self.content)


@dataclass(frozen=True, slots=True)
class Content:
    """An exam to write. `objects` writes its DICOM objects; None: without them."""

    wanted: Wanted
    objects: WriteObjects | None = None

    @property
    def id(self) -> str:
        """That of the exam."""
        return self.wanted.exam.id

    @property
    def folder(self) -> str:
        """Its folder in the bundle."""
        return token("exam", self.id)

    @property
    def size(self) -> int:
        """Bytes of its recordings."""
        return sum(clip.bytes for clip in self.wanted.exam.clips)

    @property
    def recordings(self) -> Mapping[str, Path]:
        """The recordings that are there, by the names of their files."""
        paths = {clip.file: inside(self.wanted.source, clip.file) for clip in self.wanted.exam.clips if clip.file}
        return {name: path for name, path in paths.items() if path is not None and path.is_file()}

    @property
    def state(self) -> str:
        """Differs once anything that is written of the exam differs; the DICOM objects are made from the same."""
        there = self.recordings
        clips = (clip.sha256 for clip in self.wanted.exam.clips if clip.file in there)
        return token("state", self.id, OBJECTS if self.objects else "", *(item.sha256 for item in self.texts()), *clips)

    def texts(self) -> Iterator[Item]:
        """`exam.json` and the reports."""
        yield Item.of(FILE, self.wanted.exam.content)
        for report in self.wanted.reports:
            yield Item.of(f"report-{report.number}.json", report.body.encode())

    def clips(self, missing: list[str]) -> Iterator[Item]:
        """The recordings that are there; what is not there is added to `missing`."""
        there = self.recordings
        for clip in self.wanted.exam.clips:
            if clip.file in there:
                yield Item(clip.file, clip.sha256, there[clip.file])
            else:
                missing.append(f"{clip.zone}: {clip.file or 'no recording could be made'}")

    @contextmanager
    def dicom(self, work: Path, missing: list[str]) -> Iterator[Sequence[Item]]:
        """The DICOM objects, in a folder in `work` that ends with the block; why there are none is added to `missing`."""
        items: list[Item] = []
        with ExitStack() as ending:
            try:
                if self.objects is not None:
                    into = Path(ending.enter_context(tempfile.TemporaryDirectory(dir=work)))
                    written = self.objects(into)
                    missing += [f"DICOM {each.kind} {each.zone}: {each.why}" for each in written.missing]
                    items = [Item(f"{OBJECTS}/{each.path.name}", digest_of(each.path), each.path) for each in written]
            except (SonoEdgeError, OSError) as error:
                missing.append(f"DICOM objects: {error}")
            yield items
