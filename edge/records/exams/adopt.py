"""Takes back exams that are on the disk but not in the records, after an older backup replaced them: from the `exam.json` of each.

The file holds no reviews and no reports, so that a signed exam must be signed again.
"""

from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from edge.records.audit.entry import Detail
from edge.records.exams.assessment import to_json
from edge.records.exams.clips import ABSENT, WHOLE
from edge.records.exams.facts import DRAFT, PRELIMINARY, ExamFacts
from edge.records.exams.file import FILE, ExamFile, FileClip, read_file
from edge.records.exams.forms import exam_row
from edge.records.exams.protocol_texts import ProtocolText, store_text
from edge.records.notices import APPLIANCE, add_notice
from edge.records.schema import ClipRow, ExamRow, FindingRow, OperatorRow, PatientRow
from edge.records.store import Store, Transaction

NOTICE = "exams-taken-back"
FIX = "Enter again whose exams they are, and have them reviewed and signed again"


def adopt_exams(store: Store, exams: Path) -> int:
    """Takes back every exam that has a folder and no row; returns how many.

    Raises:
        RecordsFull, RecordsUnusable: the disk refuses it.
    """
    with store.read() as session:
        known = {*session.scalars(select(ExamRow.folder)), *session.scalars(select(ExamRow.id))}
    found = [(path.parent.name, _read(path)) for path in sorted(exams.glob(f"*/{FILE}")) if path.parent.name not in known]
    # By id, because a person may have copied a folder: of two folders with the same exam, the first by name is taken back.
    lost = {exam.id: (folder, exam) for folder, exam in reversed(found) if exam is not None and exam.id not in known}
    if lost:
        with store.write() as change:
            for folder, exam in lost.values():
                _add(change, folder, exam)
            names = ", ".join(sorted(folder for folder, _ in lost.values()))
            add_notice(change, NOTICE, f"{len(lost)} exams were on the disk but not in the records, and were taken back: {names}", FIX)
    return len(lost)


def _read(path: Path) -> ExamFile | None:
    try:
        return read_file(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _add(change: Transaction, folder: str, exam: ExamFile) -> None:
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
    detail: Detail = {"folder": folder, "state": exam.state, "clips": len(exam.clips), "findings": len(exam.findings)}
    change.log(APPLIANCE, "exam.taken-back", f"exam/{exam.id}", detail)


def _facts(exam: ExamFile) -> ExamFacts:
    """The facts without the other keys of the file; a fact that only a newer program knows stays."""
    of_file = ExamFile.model_fields.keys() - ExamFacts.model_fields.keys()
    return ExamFacts.model_construct(**{name: value for name, value in dict(exam).items() if name not in of_file})


def _clip_row(exam_id: str, clip: FileClip) -> ClipRow:
    columns = {name: value for name, value in dict(clip).items() if name in FileClip.model_fields and name not in ("window", "assessment")}
    part = {"first": clip.window.first, "last": clip.window.last, "quality": clip.window.score}
    more = {"overridden": list(clip.overridden), "assessment": to_json(clip.assessment)}
    return ClipRow(**{**columns, **part, **more}, exam_id=exam_id, file_state=WHOLE if clip.file else ABSENT)
