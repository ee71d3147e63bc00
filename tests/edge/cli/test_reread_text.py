import json
from pathlib import Path

from edge.cli.reread_text import lines_of, record_of
from edge.inference.release import BUILT_IN, ModelRelease
from edge.reread.answer import Answer, FindingAnswer, Outcome, Unread
from edge.reread.clip import RecordedClip
from edge.reread.read import ReleaseAt
from edge.reread.summary import summary_of

RELEASE = ModelRelease.load(BUILT_IN / "lung-s")
AT = ReleaseAt.of(RELEASE)
SEEN, UNSEEN, OPEN = FindingAnswer(0.91, ("present",)), FindingAnswer(0.07, ("absent",)), FindingAnswer(0.5, ("present", "absent"))


def answer(told, reason=None):
    return Answer("lung-s-0.3.0", reason, "TOO_DARK" if reason else "", 0.5, {"b_lines": told})


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


def test_the_table_names_each_clip_that_changes_with_its_answers_now_then_and_to_be():
    lines = list(lines_of(AT, RELEASE, SUMMARY))
    assert lines[0] == f"{RELEASE.ident} instead of {AT.ident}: 2 of 3 clips would change. Research use, not a diagnosis."
    (row,) = [line for line in lines if line.startswith("B-lines")]
    assert row.split()[1:10] == ["1", "->", "1", "2", "->", "1", "0", "->", "1"]
    assert "Not assessable: 1 -> 1 (novelty 0 -> 1, quality 1 -> 0)" in lines
    assert "Clips with an answer from the time of the exam: 2; now another: 0; with the candidate another: 1" in lines
    (changed,) = [line.split("  ") for line in lines if line.startswith("one/L1.mcap")]
    told = [word.strip() for word in changed if word.strip()]
    assert told[1:] == ["L1", "B-lines", "likely present 91%", "likely absent 7%", "likely present 91%"]
    assert any(line.startswith("two/R1.mcap SIMULATED") for line in lines)
    assert not any(line.startswith("one/L2.mcap") for line in lines)
    assert lines[-2:] == ["1 not read:", "three.mp4: three.mp4 is empty. Record it again."]


def test_it_is_said_which_clips_had_no_answer_then_to_be_compared_with():
    outside = clip("walk.mcap", "", None, answer(OPEN), answer(OPEN))
    mixed = list(lines_of(AT, RELEASE, summary_of([*SUMMARY.readings, outside], [])))
    assert "Not compared with then: 1 recorded outside an exam, 1 taken again, or not answered in the exam" in mixed
    alone = list(lines_of(AT, RELEASE, summary_of([outside], [])))
    assert "No clip has an answer from the time of an exam: the two releases are compared with each other only" in alone
    assert not any(line.startswith(("Clips with", "Not compared")) for line in alone)


def test_the_object_can_be_written_and_holds_what_the_table_says():
    said = json.loads(json.dumps(record_of(Path("/exams"), AT, AT, SUMMARY)))
    assert (said["read"], said["changed"]) == (3, 2)
    assert said["then"] == {"known": 2, "old_differs": 0, "new_differs": 1, "outside": 0, "unanswered": 1}
    assert said["findings"]["b_lines"]["verdicts"]["present"] == {"present": 0, "unsure": 0, "absent": 1}
    assert said["clips"][0]["then"]["findings"]["b_lines"] == {"probability": 0.91, "set": ["present"], "verdict": "present"}
    assert said["clips"][1]["old"] | {"findings": None} == {
        "release": "lung-s-0.3.0",
        "assessable": False,
        "reason": "quality",
        "code": "TOO_DARK",
        "novelty": 0.5,
        "findings": None,
    }
    assert said["clips"][2]["then"] is None
    assert said["unread"] == [{"clip": "three.mp4", "reason": "source-unreadable", "detail": "three.mp4 is empty. Record it again."}]
