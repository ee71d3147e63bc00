"""The content of a structured report: a Measurement Report (TID 1500, as IHE AI Results asks) of every zone of the protocol."""

from collections.abc import Iterator, Sequence

from highdicom.sr import MeasurementReport, ObservationContext, TextContentItem

from edge.exchange import codes
from edge.exchange.dicom.report_groups import groups_of
from edge.exchange.dicom.report_items import add, appliance, concept, person, text
from edge.exchange.dicom.written import Written
from edge.exchange.handed import HandedExam
from edge.exchange.stated import StatedZone, remarks_of, stated_of


def tree_of(exam: HandedExam, images: Sequence[Written]) -> MeasurementReport:
    """The tree; `images` are those on which findings rest."""
    tree = MeasurementReport(
        observation_context=_observers(exam),
        procedure_reported=concept(codes.US_CHEST),
        imaging_measurements=[group for zone in stated_of(exam) for group in groups_of(exam, zone, _of(zone, images))],
    )
    add(tree, _texts(exam))
    return tree


def _of(zone: StatedZone, images: Sequence[Written]) -> tuple[Written, ...]:
    clip = zone.clip
    return tuple(image for image in images if clip and image.is_image and image.clip == clip.record.id and not image.superseded)


def _observers(exam: HandedExam) -> ObservationContext:
    """The operator, the reader who signed, and the appliance."""
    report, organization = exam.report, exam.exam.site
    context = ObservationContext(person(exam.exam.operator, codes.PERFORMING, organization), appliance(exam))
    if report.signed_by:
        context.extend(person(report.signed_by, codes.VERIFYING, organization))
    return context


def _texts(exam: HandedExam) -> Iterator[TextContentItem]:
    """What is stated of the whole exam."""
    report = exam.report
    if report.conclusion:
        yield text(codes.CONCLUSION, report.conclusion)
    yield text(codes.TOTAL_SCORE, f"{report.sum}. {report.sum_note}")
    for review in report.reviews:
        rated = f"{review.quality} of {review.quality_most} on the scale {review.quality_scale}, rated by {review.reader}"
        yield text(codes.IMAGE_QUALITY, rated)
        if review.comment:
            yield text(codes.COMMENT, f"{review.reader}: {review.comment}")
    for remark in remarks_of(exam):
        yield text(codes.COMMENT, remark)
