"""The result of a reread, as a table for people and as one JSON object with stable keys."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from edge.cli.columns import columns
from edge.exam.verdict import WORDS, Verdict
from edge.inference.shown import percent
from edge.notice import NOT_VALIDATED, NOTICE
from edge.reread.answer import Answer
from edge.reread.clip import RecordedClip
from edge.reread.read import ReleaseAt
from edge.reread.summary import FindingSummary, Summary

DIGITS = 6
"""Decimal places of a probability in JSON."""
_CHANGE = ("clip", "zone", "finding", "now", "would be", "in the exam")
_HEAD = ("finding", *(WORDS[verdict] for verdict in Verdict), "change", "probability, median", "from 5 to 95 in 100", "least to most")


def record_of(folder: Path, old: ReleaseAt, new: ReleaseAt, summary: Summary) -> dict[str, object]:
    """One object. `clips` are in the order of the folder, each with both answers and, if there was one, the answer in the exam."""
    return {
        "notice": NOTICE,
        "folder": str(folder),
        "old": {"release": old.ident, "sha256": old.sha256},
        "new": {"release": new.ident, "sha256": new.sha256},
        "accepted": {"old": _accepted(old), "new": _accepted(new)},
        "read": len(summary.readings),
        "changed": len(summary.changed),
        "findings": {each.key: _finding(each) for each in summary.findings},
        "not_assessable": {"old": dict(summary.reasons[0]), "new": dict(summary.reasons[1])},
        "machine_not_validated": {"old": summary.not_validated[0], "new": summary.not_validated[1]},
        "then": asdict(summary.then),
        "clips": [
            {
                "clip": clip.name,
                "zone": clip.zone or None,
                "input_sha256": outcome.input_sha256,
                "frames": outcome.frames,
                "simulated": outcome.simulated,
                "machine": outcome.machine,
                "changed": list(outcome.changed),
                "old": _answer(outcome.old),
                "new": _answer(outcome.new),
                "then": None if clip.then is None else _answer(clip.then),
            }
            for clip, outcome in summary.readings
        ],
        "unread": [{"clip": each.clip, "reason": each.code, "detail": each.problem} for each in summary.unread],
    }


def _accepted(at: ReleaseAt) -> list[dict[str, object]]:
    return [{"id": each.id, "machine": each.machine, "findings": [finding.key for finding in each.findings]} for each in at.accepted]


def _finding(each: FindingSummary) -> dict[str, object]:
    return {
        "changed": each.changed,
        "verdicts": {old.value: {new.value: each.verdicts.get((old, new), 0) for new in Verdict} for old in Verdict},
        "probability_change": {name: round(value, DIGITS) for name, value in each.change.items()},
    }


def _answer(answer: Answer) -> dict[str, object]:
    return {
        "release": answer.release,
        "assessable": answer.reason is None,
        "reason": answer.reason,
        "code": answer.code or None,
        "machine_validated": answer.machine_validated,
        "novelty": None if answer.novelty is None else round(answer.novelty, 4),
        "findings": {
            key: {"probability": round(score.probability, DIGITS), "set": list(score.set), "verdict": answer.verdict(key).value}
            for key, score in answer.findings.items()
        },
    }


def lines_of(old: ReleaseAt, new: ReleaseAt, names: Mapping[str, str], summary: Summary) -> Iterator[str]:
    """For people: the counts, then each clip that would change, then what could not be read. `names` are those of findings."""
    changed = f"{len(summary.changed)} of {len(summary.readings)} clips would change"
    yield f"{new.ident} instead of {old.ident}: {changed}. {NOTICE.capitalize()}."
    for at in (old, new):
        yield from (f"Accepted here: {at.ident} on {each.machine}, acceptance {each.id}" for each in at.accepted)
    yield ""
    yield from columns([_HEAD, *(_row(names.get(each.key, each.key), each) for each in summary.findings)])
    yield ""
    yield from _reasons(summary)
    yield from _then(summary)
    if summary.changed:
        yield ""
        width = len(_CHANGE) if summary.then.known else len(_CHANGE) - 1
        yield from columns([row[:width] for row in (_CHANGE, *_changes(summary, names))])
    if summary.unread:
        yield ""
        yield f"{len(summary.unread)} not read:"
        yield from (f"{each.clip}: {each.problem}" for each in summary.unread)


def _row(name: str, each: FindingSummary) -> tuple[str, ...]:
    counts = (f"{each.count(0, verdict)} -> {each.count(1, verdict)}" for verdict in Verdict)
    if not each.change:
        return (name, *counts, str(each.changed), "", "", "")
    change = {quantile: f"{value:+.3f}" for quantile, value in each.change.items()}
    spans = (f"{change['p05']} to {change['p95']}", f"{change['least']} to {change['most']}")
    return (name, *counts, str(each.changed), change["median"], *spans)


def _reasons(summary: Summary) -> Iterator[str]:
    old, new = summary.reasons
    counts = ", ".join(f"{reason} {old.get(reason, 0)} -> {new.get(reason, 0)}" for reason in sorted({*old, *new}))
    if any(summary.not_validated):
        yield f"{NOT_VALIDATED}: {' -> '.join(map(str, summary.not_validated))} of {len(summary.readings)} clips"
    yield f"Not assessable: {sum(old.values())} -> {sum(new.values())}{f' ({counts})' if counts else ''}"


def _then(summary: Summary) -> Iterator[str]:
    """The comparison with the answers given in the exams, and what could not be compared."""
    then = summary.then
    if then.known:
        others = f"different now: {then.old_differs}; different with the candidate: {then.new_differs}"
        yield f"Clips with an answer from the exam: {then.known}; {others}"
    else:
        yield "No clip has an answer from an exam: the two releases are only compared with each other"
    without = {"recorded outside an exam": then.outside, "recorded again, or without an answer in the exam": then.unanswered}
    if then.known and any(without.values()):
        yield f"Not compared with the exam: {', '.join(f'{count} {why}' for why, count in without.items() if count)}"


def _changes(summary: Summary, names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for clip, outcome in summary.changed:
        for key in outcome.changed:
            answers = (_answer_text(outcome.old, key), _answer_text(outcome.new, key))
            yield (_called(clip, simulated=outcome.simulated), clip.zone, names.get(key, key), *answers, _answer_text(clip.then, key))


def _called(clip: RecordedClip, *, simulated: bool) -> str:
    return f"{clip.name} SIMULATED" if simulated else clip.name


def _answer_text(answer: Answer | None, key: str) -> str:
    """The word and the probability, or the reason if the clip cannot be assessed; with the mark of the machine."""
    if answer is None:
        return ""
    word, score = WORDS[answer.verdict(key)], answer.findings.get(key)
    more = f": {answer.reason}" if answer.reason is not None else "" if score is None else f" {percent(score.probability)} %"
    return f"{word}{more}{f' {NOT_VALIDATED}' if answer.machine_validated is False else ''}"
