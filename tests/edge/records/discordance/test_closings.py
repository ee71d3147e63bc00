"""Closings as recorded: added once, withdrawn with a reason, in the audit trail, and in a backup."""

import pytest

from edge.records.audit.trail import AuditTrail
from edge.records.backup.backups import make_backup
from edge.records.backup.restore import Cause, restore
from edge.records.discordance.closings import ClosedBefore, Closings, ClosingWithdrawn, NewClosing
from edge.records.errors import RecordUnknown

MODEL, SARA = {"by": "model", "who": "", "answer": "present"}, {"by": "review", "who": "Sara", "answer": "absent"}


@pytest.fixture
def closings(data):
    return Closings(data.store)


@pytest.fixture
def exam(data):
    return data.exam()


def new(exam, cause="perception", answers=(MODEL, SARA), zone="L1"):
    return NewClosing(exam.id, zone, "b_lines", cause, "behind a rib", answers)


def acts(data):
    return [each.entry.act for each in AuditTrail(data.store).newest(20) if each.entry.act.startswith("discordance.")][::-1]


def test_a_closing_is_recorded_with_the_answers_of_that_time_and_in_the_audit_trail(data, closings, exam):
    made = closings.close("Almaz", new(exam))
    assert closings.newest([exam.id]) == {(exam.id, "L1", "b_lines"): made}
    assert (made.cause, made.note, made.closed_by, made.answers) == ("perception", "behind a rib", "Almaz", (MODEL, SARA))
    (entry,) = [each.entry for each in AuditTrail(data.store).newest(20) if each.entry.act == "discordance.closed"]
    assert (entry.actor, entry.subject) == ("Almaz", f"closing/{made.id}")
    assert entry.detail == {"exam": exam.id, "zone": "L1", "finding": "b_lines", "cause": "perception", "answers": [MODEL, SARA]}


def test_the_same_difference_is_closed_once_and_again_when_an_answer_changed(closings, exam):
    closings.close("Almaz", new(exam))
    with pytest.raises(ClosedBefore, match="Almaz"):
        closings.close("Sara", new(exam, "model"))
    later = closings.close("Sara", new(exam, "model", (MODEL, {**SARA, "answer": "unsure"})))
    assert closings.newest([exam.id])[later.place] == later
    assert closings.by_cause() == {"model": 1}


def test_a_withdrawn_closing_stays_with_the_reason_and_has_the_last_word(data, closings, exam):
    made = closings.close("Almaz", new(exam))
    gone = closings.withdraw("Sara", made.id, "another zone")
    assert closings.newest([exam.id])[made.place] == gone
    assert (gone.withdrawn_by, gone.why) == ("Sara", "another zone")
    assert closings.by_cause() == {}
    with pytest.raises(ClosingWithdrawn, match="Sara"):
        closings.withdraw("Almaz", made.id, "twice")
    closings.close("Almaz", new(exam, "model"))
    assert acts(data) == ["discordance.closed", "discordance.reopened", "discordance.closed"]


def test_causes_are_counted_place_by_place_under_the_protocols_that_were_asked_for(closings, exam):
    for zone, cause in (("L1", "model"), ("L2", "model"), ("R1", "labelling")):
        closings.close("Almaz", new(exam, cause, zone=zone))
    assert closings.by_cause() == closings.by_cause(["blue-6"]) == {"model": 2, "labelling": 1}
    assert closings.by_cause(["another"]) == closings.by_cause([]) == {}


def test_it_survives_a_restart(data, exam):
    made = Closings(data.store).close("Almaz", new(exam))
    assert Closings(data.open()).get(made.id) == made


def test_a_backup_holds_it_and_the_audit_trail_of_the_restored_records_is_intact(data, exam, tmp_path):
    made = Closings(data.store).close("Almaz", new(exam))
    backup = make_backup(data.store, tmp_path / "stick")
    data.close()
    data.database.unlink()
    restore(data.folder, tmp_path / "stick", backup, Cause("asked for", "technician"))
    assert Closings(data.open()).get(made.id) == made
    assert AuditTrail(data.store).verify().whole


def test_an_unknown_exam_or_closing_is_an_error(closings, exam):
    with pytest.raises(RecordUnknown):
        closings.close("Almaz", NewClosing("no exam", "L1", "b_lines", "model", "", (MODEL,)))
    with pytest.raises(RecordUnknown):
        closings.withdraw("Almaz", "no closing", "why")
    assert closings.newest([exam.id]) == {}
