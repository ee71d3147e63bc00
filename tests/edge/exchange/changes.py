"""Changes to a handed exam, of which each gives another one."""

from dataclasses import replace

from edge.exam.report.report import CONCLUSION, ReportContext


def with_report(exam, **changes):
    return replace(exam, report=exam.report.model_copy(update=changes))


def with_exam(exam, **changes):
    return replace(exam, exam=exam.exam.model_copy(update=changes))


def ordered(exam, **facts):
    return with_exam(exam, order=exam.exam.order.model_copy(update=facts))


def named(exam, dicom_name, name):
    """Of a patient whom the hospital scheduled under a name in DICOM."""
    return with_exam(exam, patient=replace(exam.exam.patient, dicom_name=dicom_name, name=name))


def concluded(exam, text):
    return with_report(exam, context=(ReportContext(name=CONCLUSION, value=text),))


def preliminary(exam):
    """Before it was signed."""
    return with_report(exam, status="preliminary", signed_by=None, signed_at=None, number=0)


def undecided(exam):
    """Before any person decided on a finding."""
    no_one = {"decision": "open", "decided_by": None, "decided_at": None}
    zones = (z.model_copy(update={"findings": tuple(f.model_copy(update=no_one) for f in z.findings)}) for z in exam.report.zones)
    return preliminary(with_report(exam, zones=tuple(zones)))


def without_images(exam):
    return replace(exam, zones=tuple(replace(zone, clip=None) for zone in exam.zones))
