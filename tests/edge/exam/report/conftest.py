"""Reports for the tests of what is printed: any protocol, name and state of the zones."""

from datetime import datetime, timedelta, timezone

import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.report.report import Report, ReportContext, ReportFinding, ReportPatient, ReportReview, ReportZone

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
NAMES = {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"}
STATES = ("normal", "pathological", "not assessable", "not examined")


def finding_of(zone, key, stated, *, decided=True):
    sets = {"present": ("present",), "absent": ("absent",), "not assessable": ("present", "absent")}
    words = {"present": "likely present", "absent": "likely absent", "not assessable": "can't tell"}
    return ReportFinding(
        id=f"{zone}-{key}",
        key=key,
        name=NAMES[key],
        probability=0.874,
        set=sets[stated],
        word=words[stated],
        decision="accepted" if decided else "open",
        decided_by="Dr. Reader" if decided else None,
        decided_at=NOON if decided else None,
        stated=stated,
    )


def zone_of(zone, state, *, decided=True):
    reported = {"normal": "absent", "pathological": "present", "not assessable": "not assessable"}.get(state)
    return ReportZone(
        id=zone.id,
        name=zone.name,
        side=zone.side,
        view=zone.draw.view,
        x=zone.draw.x,
        y=zone.draw.y,
        stated=state,
        why={"not examined": "skipped. It hurts the patient", "not assessable": "TOO_DARK: Turn up the gain"}.get(state, ""),
        decided=decided and reported is not None,
        score={"normal": "0", "pathological": "2-3", "not assessable": "0-3"}.get(state, ""),
        quality=None if reported is None else 81.4,
        recorded_anyway=("DEPTH",) if state == "not assessable" else (),
        clip="" if reported is None else f"{zone.id}.mcap",
        clip_sha256="" if reported is None else "0" * 64,
        findings=() if reported is None else tuple(finding_of(zone.id, key, reported, decided=decided) for key in NAMES),
    )


def make_report(name="Diallo, Aïssatou", *, protocol="blue-6", status="final", states=STATES, decided=True, **changes):
    asked = load_catalogue().named(protocol)
    signed = status != "preliminary"
    review = ReportReview(
        reader="Dr. Reader",
        kind="first",
        blind=True,
        saved_at=NOON + timedelta(minutes=30),
        quality=4,
        quality_most=5,
        quality_scale="lung-5 1.0.0",
        discordant=(f"{asked.zones[0].id}:b_lines",),
        comment="Pleura irregular on the right.",
    )
    stated = {
        "status": status,
        "number": {"preliminary": 0, "final": 1, "amended": 2}[status],
        "why": "the right base was read again" if status == "amended" else "",
        "made_at": NOON + timedelta(hours=1, microseconds=123456),
        "exam": "0193a5d0-0000-7000-8000-000000000001",
        "study_uid": "2.25.2097168914357893457893457893457893",
        "begun_at": NOON,
        "ended_at": NOON + timedelta(minutes=12),
        "emergency": False,
        "simulated": False,
        "patient": ReportPatient(identified=True, name=name, identifier="P-001", issuer="Gondar", birth_date="1981-03-02", sex="female"),
        "context": (
            ReportContext(name="Complaint", value="short of breath for three days", unit="", at=NOON, by="Trainee"),
            ReportContext(name="SpO2", value="91", unit="%", at=NOON, by="Trainee"),
            ReportContext(name="Temperature", value="38.4", unit="°C", at=NOON, by="Trainee"),
        ),
        "operator": "Trainee",
        "qualified": False,
        "signed_by": "Dr. Reader" if signed else None,
        "signed_at": NOON + timedelta(hours=1) if signed else None,
        "protocol": asked.id,
        "protocol_name": asked.name,
        "protocol_version": asked.version,
        "protocol_digest": asked.digest,
        "releases": ("lung-m-1.0.0",),
        "zones": tuple(zone_of(zone, states[i % len(states)], decided=decided) for i, zone in enumerate(asked.zones)),
        "sum": "No total yet: 4 of 6 zones scored, so far 5-12 of 18",
        "sum_note": asked.score.note,
        "reviews": (review,) if signed else (),
    }
    return Report.model_validate({**stated, **changes})


@pytest.fixture(scope="session")
def report_with():
    """Makes a report of a patient's name, a protocol and the states of its zones, which come round again."""
    return make_report
