"""Modality Worklist C-FIND (PS3.4 annex K): what is scheduled for this board."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.peers.outcome import shown
from edge.exchange.worklist.entry import WorklistEntry, judged
from firmware_bridge.errors import PeerFault

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from edge.exchange.peers.association import Line

FIND = "1.2.840.10008.5.1.4.31"
MODALITY = "US"
MOST_ENTRIES = 2_000
"""A board scans some dozen patients a day."""
SUCCESS, PENDING = 0x0000, (0xFF00, 0xFF01)


class WorklistRefused(PeerFault):
    """The peer does not answer a worklist query as it should."""

    code = "worklist-refused"


@dataclass(frozen=True, slots=True)
class WorklistQuery:
    """The scheduled days, both included."""

    first: date
    last: date


def worklist(peer: DicomPeer, hospital: Hospital, query: WorklistQuery) -> tuple[WorklistEntry, ...]:
    """What the peer has scheduled for ultrasound and the AE title of this board, in its order; entries with problems are quarantined.

    Raises:
        NotAssociated: there is no association with the peer.
        WorklistRefused: it refuses the query, ends in the middle of the answer, or states more than `MOST_ENTRIES`.
    """
    from pynetdicom.presentation import build_context  # noqa: PLC0415 - heavy, and wanted here only

    from edge.exchange.peers.association import associated  # noqa: PLC0415 - heavy, and wanted here only

    with associated(peer, hospital.ae_title, [build_context(FIND)]) as line:
        if not line.accepts(FIND):
            raise WorklistRefused(f"{peer.name} has no worklist: {line.refusal(FIND)}", "Name a worklist server in hospital.yaml")
        return judged(_answers(line, _keys(hospital, query)))


def _answers(line: "Line", keys: "Dataset") -> Iterator[WorklistEntry]:
    from edge.exchange.worklist.reading import entry_of  # noqa: PLC0415 - heavy, and wanted here only

    name = line.peer.name
    with line.within(line.peer.answer_s) as association:
        for count, (status, answer) in enumerate(association.send_c_find(keys, FIND)):
            if "Status" not in status:
                raise WorklistRefused(line.ended("the worklist query").text, "Ask again; if it happens again, ask those who run it")
            if status.Status == SUCCESS:
                return
            if status.Status not in PENDING:
                comment = shown(str(status.get("ErrorComment", "")))
                what = f"{name} answers the worklist query with {status.Status:04X}" + (f" ({comment})" if comment else "")
                raise WorklistRefused(what, "Ask those who run it what it states in its log")
            if count >= MOST_ENTRIES:
                association.abort()
                raise WorklistRefused(f"{name} has more than {MOST_ENTRIES} entries for these days", "Ask for fewer days")
            yield WorklistEntry(problems=("unreadable",)) if answer is None else entry_of(answer)


def _keys(hospital: Hospital, query: WorklistQuery) -> "Dataset":
    """What is asked for, and empty elements for what is to be returned."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 - heavy, and wanted here only

    from edge.exchange.worklist.reading import CHARACTER_SET, OF_REQUEST, OF_STEP, STEPS  # noqa: PLC0415 - heavy, and wanted here only

    keys, step = Dataset(), Dataset()
    for keyword in OF_REQUEST.values():
        setattr(keys, keyword, "")
    for keyword in OF_STEP.values():
        setattr(step, keyword, "")
    setattr(keys, CHARACTER_SET, "ISO_IR 192")
    step.Modality, step.ScheduledStationAETitle = MODALITY, hospital.ae_title
    step.ScheduledProcedureStepStartDate = f"{query.first:%Y%m%d}-{query.last:%Y%m%d}"
    setattr(keys, STEPS, [step])
    return keys
