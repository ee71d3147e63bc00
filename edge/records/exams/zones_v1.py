"""Record version 1 of an exam's zones, as release 0.1.0 wrote it: the states with the whole answer on each clip inside.

Expand, then contract. The column `zones`, and `exam` in `exam.json`, are still written in this form, so that release 0.1.0 opens, shows,
continues and signs what this program recorded. The first release that no longer has to return to 0.1.0 may remove the code that writes this
form (`downgraded`, `finding_v1`); it first writes `states_of` into each row. The code that reads it (`upgraded`, `assessment_in`,
`findings_in`) stays as long as old exam folders must be readable.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from edge.records.columns import Json
from edge.records.exams.assessment import Assessment, from_json, to_json
from edge.records.exams.facts import TakenFacts
from edge.records.exams.finding import NewFinding
from edge.records.schema import ExamRow

NOT_IN_V1 = frozenset({"machine", "machine_by_person", "machine_validated", "says", "measures", "features"})
"""What is recorded of a clip since, which release 0.1.0 does not know."""
SEAL = "zones_sha256"
"""In `zone_states`: the digest of the `zones` written with it. Another digest shows that release 0.1.0 has changed the exam since."""


def states_of(zones: Json, zone_states: Json | None) -> Json:
    """The states of record version 2: as recorded, or upgraded where release 0.1.0 wrote last."""
    if zone_states is None or zone_states.get(SEAL) != _digest(zones):
        return upgraded(zones)
    return {key: value for key, value in zone_states.items() if key != SEAL}


def sealed(states: Json, zones: Json) -> Json:
    """The states as their column holds them, with the `zones` written with them."""
    return {**states, SEAL: _digest(zones)}


def upgraded(zones: Json) -> Json:
    """The states of record version 2 that zones of version 1 hold."""
    return {"record_version": 2, "selected": zones.get("selected"), "zones": {zone: _state(was) for zone, was in _zones(zones).items()}}


def downgraded(exam: TakenFacts | ExamRow, states: Json, before: Json, new: Mapping[str, Json]) -> Json:
    """The zones of version 1 with the same states. A zone that stays done keeps its answer of `before`; `new` has the answers of others."""
    answers = {zone: was["finding"] for zone, was in _zones(before).items() if isinstance(was, dict) and "finding" in was} | dict(new)
    return {
        "record_version": 1,
        "protocol": exam.protocol,
        "protocol_version": exam.protocol_version,
        "protocol_digest": exam.protocol_digest,
        "selected": states.get("selected"),
        "zones": {zone: _with_answer(state, answers.get(zone)) for zone, state in _zones(states).items()},
    }


def finding_v1(assessment: Assessment, findings: Sequence[NewFinding]) -> Json:
    """The answer on a clip as version 1 has it."""
    whole = {name: value for name, value in (to_json(assessment) or {}).items() if name not in NOT_IN_V1}
    weighed = whole.pop("weighed_most", {})
    scores = [
        {
            "finding": each.key,
            "probability": each.probability,
            "logit": each.logit,
            "set": list(each.prediction),
            "weighed_most": weighed.get(each.key, []),
        }
        for each in findings
    ]
    return {**whole, "scores": scores}


def assessment_in(zones: Json, zone: str) -> Assessment | None:
    """What version 1 holds of the images of a zone that is done."""
    answer = _answer(zones, zone)
    weighed = {each.get("finding"): each.get("weighed_most", ()) for each in _scores(answer)}
    return from_json({**answer, "weighed_most": weighed}) if answer else None


def findings_in(zones: Json, zone: str) -> tuple[NewFinding, ...]:
    """The findings that version 1 holds of a zone that is done; it names the model's version, and not its whole release."""
    answer = _answer(zones, zone)
    return tuple(
        NewFinding(
            key=each["finding"],
            release=answer["model"],
            probability=each["probability"],
            logit=each["logit"],
            prediction=tuple(each["set"]),
            verdict=each["set"][0] if len(each["set"]) == 1 and not answer.get("reason") else "unsure",
            reason=answer.get("reason") or "",
            code=answer.get("code", ""),
            novelty=answer.get("novelty"),
        )
        for each in _scores(answer)
    )


def _zones(record: Json) -> Json:
    zones = record.get("zones")
    return zones if isinstance(zones, dict) else {}


def _state(was: object) -> object:
    return {key: value for key, value in was.items() if key != "finding"} if isinstance(was, dict) else was


def _with_answer(state: Json, answer: Json | None) -> Json:
    return {"finding": answer, **state} if answer is not None and state.get("state") == "done" else state


def _answer(zones: Json, zone: str) -> Json:
    was = _zones(zones).get(zone)
    answer = was.get("finding") if isinstance(was, dict) else None
    return answer if isinstance(answer, dict) else {}


def _scores(answer: Json) -> list[Json]:
    scores: list[Json] = answer.get("scores", [])
    return scores


def _digest(zones: Json) -> str:
    return hashlib.sha256(json.dumps(zones, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
