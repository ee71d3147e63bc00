"""Decisions that another one replaced are found again, with who made them."""

from edge.records.exams.findings import Findings
from edge.records.exams.replaced import replaced_decisions
from tests.edge.feedback.people.clinic import PeopleClinic


def test_each_replaced_decision_is_there_in_its_order_and_the_last_one_is_not(tmp_path):
    clinic = PeopleClinic(tmp_path / "data")
    exam_id = clinic.one("present")
    finding, other = clinic.stored.records.findings(exam_id)[:2]
    findings = Findings(clinic.store)
    findings.decide(clinic.sara.name, other.id, "accepted", None, other.version, while_in=("preliminary",))
    assert replaced_decisions(clinic.store) == {}
    for person, decision, verdict in (
        (clinic.sara, "edited", "absent"),
        (clinic.reader, "rejected", None),
        (clinic.sara, "accepted", None),
    ):
        finding = findings.decide(person.name, finding.id, decision, verdict, finding.version, while_in=("preliminary",))
    found = replaced_decisions(clinic.store)
    clinic.store.close()
    assert found.keys() == {finding.id}
    first, second = found[finding.id]
    assert (first.decision, first.decided, first.decided_by) == ("edited", "absent", clinic.sara.name)
    assert (second.decision, second.decided, second.decided_by) == ("rejected", None, clinic.reader.name)
    assert first.decided_at < second.decided_at < finding.decided_at
