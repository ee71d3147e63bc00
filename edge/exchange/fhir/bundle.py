"""An exam as one FHIR R4 transaction: sent twice it adds nothing, and an amended report takes the place of the one before it."""

from collections.abc import Iterator, Sequence

from edge.exchange import codes
from edge.exchange.dicom.written import Written
from edge.exchange.fhir.actors import Actors, actors_of
from edge.exchange.fhir.elements import (
    Json,
    Resource,
    accession,
    at,
    concept,
    filled,
    id_of,
    labelled,
    narrative,
    simulated_label,
    system_of,
)
from edge.exchange.fhir.observations import Observations, Observed
from edge.exchange.fhir.provenance import Provenances
from edge.exchange.fhir.study import study_of
from edge.exchange.handed import HandedExam
from edge.exchange.stated import remarks_of, stated_of


def bundle_of(exam: HandedExam, images: Sequence[Written], *, imaging_study: bool = True) -> bytes:
    """The transaction as JSON in UTF-8, checked by the models of fhir.resources.

    `imaging_study` is False for a server without ImagingStudy; there is also none where nothing was written of the exam.

    Raises:
        ValueError: fhir.resources finds a fault in it.
    """
    from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - heavy, and wanted here only

    resources = _resources(exam, images if imaging_study else ())
    content: Json = {"resourceType": "Bundle", "type": "transaction", "entry": [resource.entry for resource in resources]}
    return Bundle.model_validate(content).model_dump_json().encode()


def _resources(exam: HandedExam, images: Sequence[Written]) -> Iterator[Resource]:
    actors = actors_of(exam)
    yield from actors.all
    study = study_of(exam, actors, images) if images else None
    if study:
        yield study
    observations = Observations(exam, actors, study)
    observed = [observations.of_zone(zone) for zone in stated_of(exam)]
    for each in observed:
        yield from each.all
    yield from observations.measurements()
    report = _report(exam, actors, observed, study)
    yield report
    provenances = Provenances(exam, actors, study)
    yield from provenances.of_models(observed)
    yield from provenances.of_persons(observed)
    yield provenances.of_report(report)


def _report(exam: HandedExam, actors: Actors, observed: Sequence[Observed], study: Resource | None) -> Resource:
    facts, report = exam.exam, exam.report
    open_ = any(zone.by_model for zone in stated_of(exam))
    labels = (*((codes.AI_ASSERTED,) if open_ else ()), *simulated_label(exam))
    period = {"start": facts.begun_at, "end": facts.ended_at}
    content: Json = {
        **labelled(*labels),
        **narrative(_lines(exam)),
        "identifier": [{"system": system_of("SonoEdge exams"), "value": facts.id}, *accession(exam)],
        "status": report.status,
        "category": [concept(codes.ULTRASOUND_SECTION)],
        "code": concept(codes.US_CHEST),
        **actors.subject,
        "effectivePeriod": {name: at(moment) for name, moment in period.items() if moment},
        "issued": at(report.signed_at or report.made_at),
        "performer": [actors.persons[facts.operator].reference],
        "result": [each.reference for zone in observed for each in (zone.zone, *zone.hold)],
    }
    if report.signed_by:
        content["resultsInterpreter"] = [actors.persons[report.signed_by].reference]
    if study:
        content["imagingStudy"] = [study.reference]
    if order := accession(exam):
        content["basedOn"] = [filled({"type": "ServiceRequest", "identifier": order[0], "display": facts.order.requested})]
    if report.conclusion:
        content["conclusion"] = report.conclusion
    return Resource("DiagnosticReport", id_of("DiagnosticReport", facts.id), content)


def _lines(exam: HandedExam) -> Iterator[str]:
    """The report for people: the notice, every zone with its findings, and the total."""
    report = exam.report
    yield from remarks_of(exam)
    for zone in report.zones:
        found = ", ".join(f"{finding.name} {finding.stated}" for finding in zone.findings)
        yield ". ".join(filter(None, (f"{zone.name}: {zone.stated}", zone.why, found)))
    yield f"{report.sum}. {report.sum_note}"
