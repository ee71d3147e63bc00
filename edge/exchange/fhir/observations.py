"""Observations: of each zone what is stated of it, of each finding the answer of the model and the decision of a person, and measurements.

The answer of a model is labelled as such (AIAST), stays preliminary, and is never overwritten: a decision is another observation, derived
from it. What cannot be assessed has a reason in the place of its value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from edge.exam.report.report import Status
from edge.exchange import codes
from edge.exchange.codes import Code
from edge.exchange.fhir.actors import AI_CONFIDENCE, Actors
from edge.exchange.fhir.elements import Json, Resource, at, concept, filled, id_of, labelled, noticed, quantity, simulated_label
from edge.exchange.handed import HandedExam
from edge.exchange.stated import StatedFinding, StatedZone

VALUES = frozenset({codes.PRESENT, codes.ABSENT, codes.NORMAL, codes.ABNORMAL})
"""Anything else is a reason why there is no value."""
DIGITS: Mapping[Literal["probability", "quality"], int] = {"probability": 4, "quality": 1}
"""After the point: more is noise."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The observations of a zone. `by_model` are answers of models by the name of the release; `decided` are decisions by the person."""

    zone: Resource
    by_model: tuple[tuple[str, Resource], ...]
    decided: tuple[tuple[str, Resource], ...]
    hold: tuple[Resource, ...]

    @property
    def all(self) -> tuple[Resource, ...]:
        return (*(made for _, made in self.by_model), *(made for _, made in self.decided), self.zone)


class Observations:
    """Makes the observations of an exam; `study` are its images, None where the server does not know them."""

    def __init__(self, exam: HandedExam, actors: Actors, study: Resource | None) -> None:
        self._exam, self._actors = exam, actors
        self._from: list[Json] = [study.reference] if study else []
        self._labels = simulated_label(exam)

    def of_zone(self, zone: StatedZone) -> Observed:
        """The observations of one zone."""
        models = tuple((each.made.release if each.made else "", self._model(zone, each)) for each in zone.findings)
        decisions = tuple(
            (each, self._decision(zone, each, model)) for each, (_, model) in zip(zone.findings, models, strict=True) if each.decided
        )
        decided = {each.report.id: made for each, made in decisions}
        hold = tuple(decided.get(each.report.id, model) for each, (_, model) in zip(zone.findings, models, strict=True))
        return Observed(self._zone(zone, hold), models, tuple((each.report.decided_by or "", made) for each, made in decisions), hold)

    def measurements(self) -> tuple[Resource, ...]:
        """The vital signs that were stated."""
        return tuple(self._measurement(name) for name in self._exam.exam.context.measurements)

    def _model(self, zone: StatedZone, finding: StatedFinding) -> Resource:
        model = self._actors.models.get(finding.made.release) if finding.made else None
        confidence: Json = {}
        if finding.confidence is not None:
            confidence = {"extension": [{"url": AI_CONFIDENCE, "valueDecimal": round(finding.confidence, DIGITS["probability"])}]}
        chance = quantity(round(finding.report.probability, DIGITS["probability"]), codes.NO_UNITS.value)
        content: Json = {
            **labelled(codes.AI_ASSERTED, *self._labels),
            **confidence,
            **self._common(zone, finding.code, "preliminary"),
            **_value(finding.model_value, zone.report.why),
            **noticed(),
            "component": [{"code": concept(codes.PROBABILITY), "valueQuantity": chance}],
        }
        if finding.made:
            content["issued"] = at(finding.made.said_at)
        if model:
            content["device"] = model.reference
        if self._from:
            content["derivedFrom"] = self._from
        return self._observation(content, "model", finding.report.id)

    def _decision(self, zone: StatedZone, finding: StatedFinding, model: Resource) -> Resource:
        report = finding.report
        content: Json = {
            **labelled(*self._labels),
            **self._common(zone, finding.code, self._exam.report.status),
            **_value(finding.value, ""),
            **noticed(),
            "derivedFrom": [model.reference, *self._from],
            "component": [{"code": concept(codes.DECISION), "valueCodeableConcept": concept(finding.decision)}],
        }
        if report.decided_by:
            content["performer"] = [self._actors.persons[report.decided_by].reference]
        if report.decided_at:
            content["issued"] = at(report.decided_at)
        return self._observation(content, "decision", report.id)

    def _zone(self, zone: StatedZone, members: tuple[Resource, ...]) -> Resource:
        components: list[Json] = []
        if zone.score is not None:
            components.append({"code": concept(codes.LUNG_SCORE), "valueInteger": zone.score})
        if zone.report.quality is not None:
            rating = quantity(round(zone.report.quality, DIGITS["quality"]), codes.PERCENT.value)
            components.append({"code": concept(codes.IMAGE_QUALITY_RATING), "valueQuantity": rating})
        labels = (codes.AI_ASSERTED,) if zone.by_model else ()
        more: Json = {"component": components, "hasMember": [member.reference for member in members]}
        content: Json = {
            **labelled(*labels, *self._labels),
            **self._common(zone, codes.ZONE_STATED, self._exam.report.status),
            **_value(zone.value, zone.report.why),
            **noticed(*zone.report.recorded_anyway),
            **filled(more),
        }
        return self._observation(content, "zone", self._exam.exam.id, zone.report.id)

    def _measurement(self, name: str) -> Resource:
        measured = self._exam.exam.context.measurements[name]
        also = (codes.OXYGEN_SATURATION,) if name == "spo2" else ()
        content: Json = {
            **labelled(*self._labels),
            "status": "final",
            "category": [concept(codes.VITAL_SIGNS)],
            "code": concept(*also, codes.VITALS[name]),
            **self._actors.subject,
            "effectiveDateTime": at(measured.at or self._exam.exam.begun_at),
            "valueQuantity": quantity(measured.value, measured.unit),
        }
        if measured.by:
            content["performer"] = [{"display": measured.by}]
        return self._observation(content, "measurement", self._exam.exam.id, name)

    def _common(self, zone: StatedZone, code: Code, status: Status) -> Json:
        report = zone.report
        when = zone.clip.record.kept_at if zone.clip else self._exam.exam.begun_at
        return {
            "status": status,
            "category": [concept(codes.IMAGING)],
            "code": concept(code),
            **self._actors.subject,
            "effectiveDateTime": at(when),
            "bodySite": concept(codes.LUNG, zone.code, text=f"{report.name}, {report.side}"),
        }

    def _observation(self, content: Json, *parts: str) -> Resource:
        return Resource("Observation", id_of("Observation", *parts), content)


def _value(value: Code, why: str) -> Json:
    """The value, or the reason why there is none: a coded one, and what is stated of it in words."""
    if value in VALUES:
        return {"valueCodeableConcept": concept(value)}
    absent = codes.NOT_DONE if value == codes.NOT_PERFORMED else codes.NOT_KNOWN
    return {"dataAbsentReason": concept(absent, value, text=why)}
