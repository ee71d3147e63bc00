"""An exam on disk: a folder with its clips and `exam.json`, written anew and durably after each event."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import Self

from edge.exam.capture import Window
from edge.exam.exam import Exam, ExamUnresumable
from edge.exam.protocol_file import Catalogue
from edge.notice import NOTICE
from edge.records.durable import replace_file, sync_folder, time_stamp, unused
from firmware_bridge.errors import SonoEdgeError

FILE = "exam.json"


class ExamNotKept(SonoEdgeError):
    """The disk refuses the exam's record; what was kept before is still there."""

    code = "exam-not-kept"


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A recording of a zone, in the exam's folder, and which of its frames are the clip. `by` is the capture itself, or the operator."""

    zone: str
    file: str
    window: Window
    by: Literal["itself", "operator"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")

    open: bool
    protocol: str
    exam: dict[str, object]
    clips: list[KeptClip]


@dataclass(frozen=True, slots=True)
class ExamFile:
    """Where an exam is kept, and the clips that it has; also those of zones that were taken again."""

    folder: Path
    clips: tuple[KeptClip, ...] = ()

    @classmethod
    def begin(cls, exams: Path, exam: Exam) -> Self:
        """Makes the folder.

        Raises:
            ExamNotKept: the disk refuses it.
        """
        try:
            exams.mkdir(parents=True, exist_ok=True)
            folder = unused(exams / f"{time_stamp()}-{exam.protocol.id}")
            folder.mkdir()
            sync_folder(exams)
        except OSError as error:
            raise _not_kept(exams, error) from error
        made = cls(folder)
        made.write(exam)
        return made

    def new_clip(self, zone: str) -> Path:
        """A recording that is not there yet."""
        return unused(self.folder / f"{zone}.mcap")

    def write(self, exam: Exam, *, ended: bool = False) -> None:
        """Once this returns, the exam as it is survives a cut of power.

        Raises:
            ExamNotKept: the disk refuses it.
        """
        said = {
            "notice": NOTICE,
            "open": not ended,
            "protocol": exam.protocol.id,
            "exam": exam.as_record(),
            "clips": [asdict(clip) for clip in self.clips],
        }
        try:
            replace_file(self.folder / FILE, json.dumps(said, indent=1).encode())
        except OSError as error:
            raise _not_kept(self.folder, error) from error


def resume(exams: Path, catalogue: Catalogue) -> tuple[ExamFile, Exam] | None:
    """The newest exam, if it was not ended.

    Raises:
        ExamUnresumable: it is there and open, but cannot be taken up again.
        ProtocolUnknown: its protocol is not there any more.
    """
    for path in sorted(exams.glob(f"*/{FILE}"), reverse=True)[:1]:
        try:
            record = _Record.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ExamUnresumable(f"{path} cannot be read", "Begin the exam again; its clips are kept") from error
        if record.open:
            return ExamFile(path.parent, tuple(record.clips)), Exam.from_record(record.exam, catalogue.named(record.protocol))
    return None


def _not_kept(place: Path, error: OSError) -> ExamNotKept:
    fix = "Free some room on the disk, and check that this user may write there"
    return ExamNotKept(f"the exam cannot be written to {place} ({error.strerror})", fix)
