"""The report of a self-test on paper: one or two A4 pages that go with the board."""

import json
from pathlib import Path

from provisioning.identity.label import label_text
from provisioning.identity.typeset import typeset
from provisioning.selftest.report import TITLE, Report, number_text

TEMPLATE = Path(__file__).with_name("report.typ")


def as_pdf(report: Report, fingerprint: str) -> bytes:
    """The same report gives the same bytes. `fingerprint` is the one of the authority of the device, for the QR code."""
    content = report.model_dump(mode="json")
    for line, result in zip(content["results"], report.results, strict=True):
        line["measures"] = [{"text": number_text(each), "state": each.state.value} for each in result.measures]
    inputs = {"report": json.dumps(content), "title": TITLE, "moment": f"{report.made_at:%Y-%m-%d %H:%M} UTC"}
    return typeset(TEMPLATE, "pdf", inputs, label_text(report.device, fingerprint), report.made_at)
