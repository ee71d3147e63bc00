"""`exam.json`: one model writes and reads it, release 0.1.0 and a newer program included."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from edge.records.exams.exams import Exams
from edge.records.exams.file import read_file
from edge.records.exams.findings import Findings
from edge.records.exams.protocol_texts import ProtocolText
from edge.records.schema import ExamRow

OLD = Path(__file__).parent / "release_0_1_0" / "exam.json"


@pytest.fixture
def file(store, made):
    """The file of an exam with one zone done, of which one finding was rejected."""
    exams = Exams(store)
    text = ProtocolText("blue-6", "1.0.0", "{}")
    exam = exams.begin("sara", made.exam(protocol_digest=text.digest), made.states, text)
    exams.keep("sara", exam.id, made.step(), made.clip(), made.findings(), simulated=False)
    finding = exams.findings(exam.id)[0]
    Findings(store).decide("hagos", finding.id, "rejected", None, finding.version, while_in=("draft",))
    return exams.file(exam.id)


def test_a_written_file_is_read_back_with_findings_decisions_and_the_protocols_text(file):
    assert read_file(file.content) == file
    assert [finding.decision for finding in file.findings] == ["rejected", "open"]
    assert (file.findings[0].decided_by, file.protocol_text) == ("hagos", "{}")


def test_every_key_of_release_0_1_0_is_still_there(file):
    def keys(value):
        return {f"{key}.{more}" for key, inner in value.items() for more in {"", *keys(inner)}} if isinstance(value, dict) else set()

    old, new = json.loads(OLD.read_text()), json.loads(file.content)
    plain = {"exam", "context"}
    assert keys({**old, **dict.fromkeys(plain)}) <= keys({**new, **dict.fromkeys(plain)})
    assert keys(old["clips"][0]) <= keys(new["clips"][0])
    assert old["exam"].keys() == new["exam"].keys()


def test_a_decision_writes_the_file_and_is_undone_where_the_disk_refuses_it(store, file):
    written = []
    finding = file.findings[1]
    Findings(store, written.append).decide("hagos", finding.id, "accepted", None, 1, while_in=("draft",))
    assert [each.decision for each in written[-1].findings] == ["rejected", "accepted"]

    def refuse(_file):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        Findings(store, refuse).decide("hagos", finding.id, "rejected", None, 2, while_in=("draft",))
    assert Findings(store).get(finding.id).decision == "accepted"


def test_a_file_of_release_0_1_0_is_read_with_the_answers_that_it_holds_inside():
    read = read_file(OLD.read_bytes())
    assert (read.protocol_version, read.version, read.context.spo2.value, read.zone_states["selected"]) == ("1.0.0", 1, 91, "R2")
    assert [(clip.zone, clip.assessment.frames) for clip in read.clips] == [("L1", 60), ("R1", 60)]
    assert [(each.zone, each.key, each.verdict) for each in read.findings[:4]] == [
        ("L1", "b_lines", "present"),
        ("L1", "a_lines", "absent"),
        ("L1", "severity_2_plus", "present"),
        ("R1", "b_lines", "unsure"),
    ]


def test_facts_that_only_a_newer_program_knows_survive_this_one(store, file):
    with store.write() as change:
        row = change.session.get(ExamRow, file.id)
        row.facts = {"room": "3", "ward": {"floor": 2}}
        row.context = {**row.context, "weight": 60}
        change.log("newer", "exam.stated", f"exam/{file.id}")
    Exams(store).end("sara", file.id)
    written = json.loads(Exams(store).file(file.id).content)
    assert (written["room"], written["ward"], written["context"]["weight"]) == ("3", {"floor": 2}, 60)
    assert json.loads(read_file(json.dumps(written).encode()).content) == written


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"exam": 3}', b'{"zone_states": {}}'])
def test_a_file_that_is_not_an_exam_is_refused(content):
    with pytest.raises(ValidationError):
        read_file(content)
