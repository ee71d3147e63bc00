import json
from dataclasses import replace
from pathlib import Path

from edge.cli.reread_text import lines_of, record_of
from edge.inference.release import BUILT_IN, ModelRelease
from edge.reread.answer import Answer, FindingAnswer, Outcome, Unread
from edge.reread.clip import RecordedClip
from edge.reread.read import ReleaseAt
from edge.reread.summary import summary_of

RELEASE = ModelRelease.load(BUILT_IN / "lung-s")
NAMES = {label.key: label.name for label in RELEASE.findings}
AT = ReleaseAt.of(RELEASE)
SEEN, UNSEEN, OPEN = FindingAnswer(0.91, ("present",)), FindingAnswer(0.07, ("absent",)), FindingAnswer(0.5, ("present", "absent"))


def answer(scores, reason=None):
    return Answer("lung-s-0.3.0", reason, "TOO_DARK" if reason else "", 0.5, {"b_lines": scores})


def clip(name, zone, then, old, new, *, simulated=False):
    return RecordedClip(name, Path(name), zone, then=then), Outcome("0" * 64, 10, simulated, old, new)


SUMMARY = summary_of(
    [
        clip("one/L1.mcap", "L1", answer(SEEN), answer(SEEN), answer(UNSEEN)),
        clip("one/L2.mcap", "L2", answer(OPEN), answer(UNSEEN, "quality"), answer(OPEN, "novelty"), simulated=True),
        clip("two/R1.mcap", "R1", None, answer(OPEN), answer(SEEN), simulated=True),
    ],
    [Unread("three.mp4", "source-unreadable", "three.mp4 is empty. Record it again.")],
)


def test_the_table_lists_each_changed_clip_with_its_three_answers():
    lines = list(lines_of(AT, AT, NAMES, SUMMARY))
    assert lines[0] == f"{RELEASE.ident} instead of {AT.ident}: 2 of 3 clips would change. Research use, not a diagnosis."
    (row,) = [line for line in lines if line.startswith("B-lines")]
    assert row.split()[1:10] == ["1", "->", "1", "2", "->", "1", "0", "->", "1"]
    assert "Not assessable: 1 -> 1 (novelty 0 -> 1, quality 1 -> 0)" in lines
    assert "Clips with an answer from the exam: 2; different now: 0; different with the candidate: 1" in lines
    (changed,) = [line.split("  ") for line in lines if line.startswith("one/L1.mcap")]
    scores = [word.strip() for word in changed if word.strip()]
    assert scores[1:] == ["L1", "B-lines", "likely present 91 %", "likely absent 7 %", "likely present 91 %"]
    assert any(line.startswith("two/R1.mcap SIMULATED") for line in lines)
    assert not any(line.startswith("one/L2.mcap") for line in lines)
    assert lines[-2:] == ["1 not read:", "three.mp4: three.mp4 is empty. Record it again."]


def test_clips_without_an_answer_from_the_exam_are_counted():
    outside = clip("walk.mcap", "", None, answer(OPEN), answer(OPEN))
    mixed = list(lines_of(AT, AT, NAMES, summary_of([*SUMMARY.readings, outside], [])))
    assert "Not compared with the exam: 1 recorded outside an exam, 1 recorded again, or without an answer in the exam" in mixed
    alone = list(lines_of(AT, AT, NAMES, summary_of([outside], [])))
    assert "No clip has an answer from an exam: the two releases are only compared with each other" in alone
    assert not any(line.startswith(("Clips with", "Not compared")) for line in alone)


def test_the_object_can_be_written_and_agrees_with_the_table():
    record = json.loads(json.dumps(record_of(Path("/exams"), AT, AT, SUMMARY)))
    assert (record["read"], record["changed"]) == (3, 2)
    assert record["then"] == {"known": 2, "old_differs": 0, "new_differs": 1, "outside": 0, "unanswered": 1}
    assert record["findings"]["b_lines"]["verdicts"]["present"] == {"present": 0, "unsure": 0, "absent": 1}
    assert record["clips"][0]["then"]["findings"]["b_lines"] == {"probability": 0.91, "set": ["present"], "verdict": "present"}
    assert record["clips"][1]["old"] | {"findings": None} == {
        "release": "lung-s-0.3.0",
        "assessable": False,
        "reason": "quality",
        "code": "TOO_DARK",
        "novelty": 0.5,
        "machine_validated": None,
        "findings": None,
    }
    assert record["clips"][2]["then"] is None
    assert record["unread"] == [{"clip": "three.mp4", "reason": "source-unreadable", "detail": "three.mp4 is empty. Record it again."}]


def test_a_machine_without_validation_is_marked_with_each_answer_as_it_is_live():
    unsure, decided = replace(answer(OPEN, "machine"), machine_validated=False), replace(answer(SEEN), machine_validated=True)
    lines = list(lines_of(AT, AT, NAMES, summary_of([clip("walk.mcap", "", None, unsure, decided)], [])))
    assert "MACHINE NOT VALIDATED: 1 -> 0 of 1 clips" in lines
    assert lines[-1].split("  ")[-2:] == ["can't tell: machine MACHINE NOT VALIDATED", "likely present 91 %"]


def test_the_acceptances_of_this_site_are_named_with_their_machines(acceptance):
    here = ReleaseAt.of(RELEASE, (acceptance(RELEASE, "GE Vscan Air"),))
    lines = list(lines_of(AT, here, NAMES, SUMMARY))
    assert lines[1] == f"Accepted here: {RELEASE.ident} on GE Vscan Air, acceptance {here.accepted[0].id}"
    findings = ["b_lines", "a_lines", "severity_2_plus"]
    record = json.loads(json.dumps(record_of(Path("/exams"), AT, here, SUMMARY)))
    assert record["accepted"] == {"old": [], "new": [{"id": here.accepted[0].id, "machine": "GE Vscan Air", "findings": findings}]}
