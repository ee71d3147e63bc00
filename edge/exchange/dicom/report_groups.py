"""The measurement groups (TID 1501) of a structured report: one for each zone, and one for each finding of a zone.

A group of a finding holds the answer that counts, the answer of the model with its probability and algorithm, and the decision of a person
with the person and the time, so that nobody takes one for the other.
"""

from collections.abc import Sequence

from highdicom.sr import (
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
)

from edge.exchange import codes
from edge.exchange.codes import Code
from edge.exchange.dicom.report_items import add, algorithm, concept, date_time, evaluation, site, text
from edge.exchange.dicom.written import Written
from edge.exchange.handed import HandedExam
from edge.exchange.stated import StatedFinding, StatedZone
from edge.exchange.uids import derived_uid

DIGITS = 4
"""After the point: more is noise."""


def groups_of(exam: HandedExam, zone: StatedZone, images: Sequence[Written]) -> tuple[MeasurementsAndQualitativeEvaluations, ...]:
    """The groups of a zone; `images` are those of the clip that counts."""
    return (_of_zone(exam, zone, images), *(_of_finding(exam, zone, finding, images) for finding in zone.findings))


def _of_zone(exam: HandedExam, zone: StatedZone, images: Sequence[Written]) -> MeasurementsAndQualitativeEvaluations:
    report = zone.report
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(derived_uid(exam.exam.id, "zone", report.id), report.id),
        finding_sites=[site(zone)],
        measurements=[
            _measured(name, value, unit)
            for name, value, unit in (
                (codes.LUNG_SCORE, zone.score, codes.NO_UNITS),
                (codes.IMAGE_QUALITY_RATING, report.quality, codes.PERCENT),
            )
            if value is not None
        ],
        qualitative_evaluations=[evaluation(codes.ZONE, zone.code), evaluation(codes.ZONE_STATED, zone.value)],
        source_images=[_source(image) for image in images],
    )
    add(group, (text(codes.COMMENT, why) for why in (report.why, *report.recorded_anyway) if why))
    return group


def _of_finding(
    exam: HandedExam, zone: StatedZone, finding: StatedFinding, images: Sequence[Written]
) -> MeasurementsAndQualitativeEvaluations:
    report = finding.report
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(derived_uid("finding", report.id), f"{zone.report.id} {report.key}"),
        finding_type=concept(finding.code),
        algorithm_id=algorithm(finding.algorithm, report.key) if finding.algorithm else None,
        finding_sites=[site(zone)],
        measurements=[_measured(codes.PROBABILITY, report.probability, codes.NO_UNITS)],
        qualitative_evaluations=[*_answers(exam, finding), evaluation(codes.ZONE, zone.code)],
        source_images=_weighed(finding, images),
    )


def _answers(exam: HandedExam, finding: StatedFinding) -> list[QualitativeEvaluation]:
    report, said_at = finding.report, date_time(finding.made.said_at if finding.made else None, exam)
    model = evaluation(codes.MODEL_STATES, finding.model_value, said_at)
    if not finding.decided:
        return [evaluation(finding.code, finding.value, said_at), model]
    decided = (date_time(report.decided_at, exam), report.decided_by or "")
    return [evaluation(finding.code, finding.value, *decided), model, evaluation(codes.DECISION, finding.decision, *decided)]


def _measured(name: Code, value: float, unit: Code) -> Measurement:
    return Measurement(concept(name), round(value, DIGITS), concept(unit))


def _weighed(finding: StatedFinding, images: Sequence[Written]) -> list[SourceImageForMeasurementGroup]:
    """The images with the frames of most weight; all images of the clip where those frames are in none of them."""
    frames = [(image, sorted(filter(None, map(image.frame_of, finding.weighed)))) for image in images]
    weighed = [_source(image, numbers) for image, numbers in frames if numbers]
    return weighed or [_source(image) for image in images]


def _source(image: Written, frames: Sequence[int] = ()) -> SourceImageForMeasurementGroup:
    """A reference; frame numbers only where the object has several frames."""
    return SourceImageForMeasurementGroup(image.sop_class, image.sop_instance, frames if frames and image.frames > 1 else None)
