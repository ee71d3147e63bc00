"""What a refit is made from: recorded logits with certain labels, of one release, machine by machine; the rest is counted."""

from edge.feedback.recalibration import collect
from edge.feedback.recalibration.collect import Collected, Left, collected_of
from tests.edge.feedback.recalibration.conftest import RELEASE


def found(clinic):
    *_, last = collected_of(clinic.store, RELEASE)
    assert isinstance(last, Collected)
    return last


def test_a_labelled_clip_has_its_recorded_logit_and_its_patient(scored):
    scored.scored(1, 2.5, "present")
    scored.scored(2, -1.0, "absent", machine="GE Vscan Air / CL")
    scored.scored(3, 0.5, "present", machine="Philips Lumify")
    machines = found(scored).machines
    assert sorted(machines) == ["GE Vscan Air", "Philips Lumify"]
    of = machines["GE Vscan Air"]
    assert [(clip.labels, clip.logits) for clip in of.clips] == [
        ({"b_lines": True}, {"b_lines": 2.5}),
        ({"b_lines": False}, {"b_lines": -1.0}),
    ]
    assert (of.patients, of.blind, of.in_view) == (2, 2, 0)
    assert not any(found(scored).left.values())


def test_a_decision_on_a_signed_exam_was_made_with_the_answer_in_view(scored):
    exam = scored.scored(1, 2.5, "")
    scored.decide(exam, "absent")
    scored.sign(exam)
    of = found(scored).machines["GE Vscan Air"]
    assert (of.clips[0].labels, of.blind, of.in_view) == ({"b_lines": False}, 0, 1)


def test_what_does_not_count_is_counted_with_its_reason(scored):
    scored.scored(1, 2.5, "present", name="")
    scored.scored(2, 2.5, "present", release="lung-s-0.0.1")
    scored.scored(3, 2.5, "present", reason="quality")
    scored.scored(4, 2.5, "present", machine="")
    twice = scored.scored(5, 2.5, "present")
    scored.read(twice, "absent", reader=scored.second, kind="over-read")
    scored.scored(6, 2.5, "present", simulated=True)
    scored.scored(7, 2.5, "")
    last = found(scored)
    assert last.machines == {}
    assert {why: count for why, count in last.left.items() if count} == dict.fromkeys(
        (Left.UNNAMED, Left.OTHER_RELEASE, Left.UNFIT, Left.NO_MACHINE, Left.CONTRADICTED), 1
    )


def test_who_is_registered_twice_is_one_patient(scored):
    scored.scored(1, 2.5, "present", name="Abebe Kebede")
    scored.scored(2, 1.5, "absent", name="kebede ABEBE")
    assert found(scored).machines["GE Vscan Air"].patients == 1


def test_the_newest_clips_count_and_older_ones_are_counted(scored, monkeypatch):
    monkeypatch.setattr(collect, "MOST_CLIPS", 2)
    for number, logit in enumerate((1.0, 2.0, 3.0)):
        scored.scored(number, logit, "present")
    last = found(scored)
    assert [clip.logits["b_lines"] for clip in last.machines["GE Vscan Air"].clips] == [2.0, 3.0]
    assert last.left[Left.OLDER] == 1
