"""Takes back exams that are on the disk but not in the records, after an older backup replaced them: from the `exam.json` of each.

The file holds no reviews and no reports, so that a signed exam must be signed again. Anybody may have written it, for example on a stick:
each is checked, stored on its own and read back, and one that is not possible is refused and stops no other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from edge.disk.plain_file import inside, read_plain
from edge.records.audit.entry import Detail
from edge.records.exams.assessment import to_json
from edge.records.exams.clips import ABSENT, RECORDING, WHOLE
from edge.records.exams.facts import DRAFT, PRELIMINARY, ExamFacts
from edge.records.exams.file import FILE, ExamFile, FileClip, file_of, nothing, read_file
from edge.records.exams.forms import exam_row
from edge.records.exams.protocol_texts import ProtocolText, store_text
from edge.records.notices import APPLIANCE, add_notice
from edge.records.schema import ClipRow, ExamRow, FindingRow, OperatorRow, PatientRow
from edge.records.store import Store, Transaction
from firmware_bridge.errors import SonoEdgeError

NOTICE = "exams-taken-back"
FIX = "Enter again whose exams they are, and have them reviewed and signed again"


MOST_BYTES = 20_000_000
"""An exam of 14 zones has about 100 kB."""
UNUSABLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError, SonoEdgeError)
"""What a file that no program of ours wrote can raise where it is read or stored."""

Check = Callable[[ExamFile], object]
"""Raises one of `UNUSABLE` where an exam is not one that this program can show."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many exams were taken back, and the files that were `refused`, with the reason."""

    exams: int
    refused: Mapping[Path, str]


def adopt_exams(store: Store, exams: Path, check: Check = nothing) -> Adopted:
    """Takes back every exam that has a folder and no row.

    Raises:
        RecordsFull, RecordsUnusable: the disk refuses it.
    """
    with store.read() as session:
        known = {*session.scalars(select(ExamRow.folder)), *session.scalars(select(ExamRow.id))}
    refused: dict[Path, str] = {}
    lost: dict[str, tuple[Path, ExamFile]] = {}
    for path in (each for each in sorted(exams.glob(f"*/{FILE}")) if each.parent.name not in known):
        try:
            exam = _read(exams, path, check)
        except UNUSABLE as error:
            refused[path] = str(error)
        except OSError as error:
            log.warning("the file of an exam cannot be read", path=str(path), problem=error.strerror)
        else:
            # By id, because a person may have copied a folder: of two folders with the same exam, the first by name is taken back.
            if exam.id not in known:
                lost.setdefault(exam.id, (path, exam))
    return Adopted(_add_all(store, lost.values(), refused) if lost else 0, refused)


def _read(exams: Path, path: Path, check: Check) -> ExamFile:
    """Raises OSError: the disk cannot read it now; one of UNUSABLE: it is not the file of an exam that this program could have recorded."""
    if inside(exams, path.parent.name, path.name) is None:
        raise ValueError("it is a link, or its folder is one")
    exam = read_file(read_plain(path, MOST_BYTES))
    for clip in exam.clips:
        if clip.file and (not clip.file.endswith(RECORDING) or inside(path.parent, clip.file) is None):
            raise ValueError(f"{clip.file!r} is not a recording in the folder of the exam")
    files = Counter(clip.file for clip in exam.clips if clip.file)
    if doubled := [name for name, count in files.items() if count > 1]:
        raise ValueError(f"{doubled[0]} is the recording of more than one clip")
    check(exam)
    return exam


def _add_all(store: Store, lost: Iterable[tuple[Path, ExamFile]], refused: dict[Path, str]) -> int:
    """Adds each exam, and to `refused` those that the records cannot hold; returns how many were added."""
    names = []
    with store.write() as change:
        change.unlogged()  # where every exam is refused, nothing is changed
        for path, exam in lost:
            try:
                with change.session.begin_nested():
                    _add(change, path.parent.name, exam)
            except OperationalError:
                raise
            except (*UNUSABLE, SQLAlchemyError) as error:
                refused[path] = str(error).partition("\n")[0]
                continue
            names.append(path.parent.name)
            detail: Detail = {"folder": path.parent.name, "state": exam.state, "clips": len(exam.clips), "findings": len(exam.findings)}
            change.log(APPLIANCE, "exam.taken-back", f"exam/{exam.id}", detail)
        if names:
            what = f"{len(names)} exams were on the disk but not in the records, and were taken back: {', '.join(sorted(names))}"
            add_notice(change, NOTICE, what, FIX)
    return len(names)


def _add(change: Transaction, folder: str, exam: ExamFile) -> None:
    """Adds the rows and reads them back. Raises one of UNUSABLE, or SQLAlchemyError: the records cannot hold this exam."""
    session = change.session
    text = ProtocolText(exam.protocol, exam.protocol_version, exam.protocol_text)
    if text.digest == exam.protocol_digest:
        store_text(change, text)
    known = {"patient_id": session.get(PatientRow, exam.patient_id or ""), "operator_id": session.get(OperatorRow, exam.operator_id or "")}
    lost = {name: None for name, row in known.items() if row is None}
    state = DRAFT if exam.state == DRAFT else PRELIMINARY
    unsigned = {"folder": folder, "state": state, "signed_at": None, "signed_by": None, "sent_at": None, "over_read": ()}
    session.add(exam_row(_facts(exam).model_copy(update=unsigned | lost), exam.zone_states, exam.exam))
    session.flush()
    session.add_all(_clip_row(exam.id, clip) for clip in exam.clips)
    session.flush()
    session.add_all(FindingRow(**{**asdict(finding), "prediction": list(finding.prediction)}) for finding in exam.findings)
    session.flush()
    session.expire_all()  # what follows is what the next start will read
    read_file(file_of(session, session.get_one(ExamRow, exam.id)).content)


def _facts(exam: ExamFile) -> ExamFacts:
    """The facts without the other keys of the file; a fact that only a newer program knows stays."""
    of_file = ExamFile.model_fields.keys() - ExamFacts.model_fields.keys()
    return ExamFacts.model_construct(**{name: value for name, value in dict(exam).items() if name not in of_file})


def _clip_row(exam_id: str, clip: FileClip) -> ClipRow:
    columns = {name: value for name, value in dict(clip).items() if name in FileClip.model_fields and name not in ("window", "assessment")}
    part = {"first": clip.window.first, "last": clip.window.last, "quality": clip.window.score}
    more = {"overridden": list(clip.overridden), "assessment": to_json(clip.assessment)}
    return ClipRow(**{**columns, **part, **more}, exam_id=exam_id, file_state=WHOLE if clip.file else ABSENT)
