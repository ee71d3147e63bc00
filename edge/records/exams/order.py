"""The order of an exam: what the hospital scheduled, or what a person stated of the admission where nothing was scheduled."""

from typing import Literal

from edge.records.exams.context import Recorded
from firmware_bridge.errors import Conflict

Identified = Literal["worklist", "scanned", "typed", "unknown"]


class OrderBegun(Conflict):
    """An exam was begun for this order already: its study has the UID that the hospital scheduled, and each study is one exam."""

    code = "order-begun"


class Order(Recorded):
    """All texts exactly as they were scheduled, empty where they are unknown; most exams at the point of care have no order.

    `identified_by`: a person chose it in a list of the hospital (`worklist`, also for an encounter), a barcode or QR code was scanned, a
    person typed its numbers, or there is none.
    `requested` and `step` describe the requested procedure and its scheduled step. The identity of the patient is never part of it.
    """

    accession: str = ""
    requested_id: str = ""
    requested: str = ""
    step_id: str = ""
    step: str = ""
    admission_id: str = ""
    referrer: str = ""
    identified_by: Identified = "unknown"
