"""C-ECHO: whether a DICOM peer answers, with which services, and whether it minds its AE title."""

from dataclasses import dataclass

from edge.exchange.peers.dial import NotAssociated
from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.peers.outcome import Answer, Outcome

WRONG_TITLE = "SONOEDGE-CHECK"
"""An AE title that no peer has."""
VERIFICATION = "1.2.840.10008.1.1"
SERVICES = {
    "1.2.840.10008.5.1.4.1.1.3.1": "ultrasound clips",
    "1.2.840.10008.5.1.4.1.1.6.1": "ultrasound images",
    "1.2.840.10008.5.1.4.1.1.88.33": "structured reports",
    "1.2.840.10008.5.1.4.1.1.88.59": "key objects",
    "1.2.840.10008.5.1.4.1.1.104.1": "PDF reports",
    "1.2.840.10008.1.20.1": "storage commitment",
    "1.2.840.10008.5.1.4.31": "worklist",
}
"""By SOP class, what this appliance uses of a peer."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`answer` is that of the peer; `takes` and `refuses` are its services, `notes` state what the answer proves and what not."""

    answer: Answer
    takes: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def echo(peer: DicomPeer, hospital: Hospital) -> Answer:
    """What the peer really answers to a C-ECHO."""
    return _asked(peer, hospital).answer


def check_dicom(peer: DicomPeer, hospital: Hospital) -> Checked:
    """A C-ECHO, the services of the peer, and a second C-ECHO with a wrong AE title: many servers answer to any."""
    found = _asked(peer, hospital)
    if not found.answer.taken:
        return found
    other = _asked(peer.model_copy(update={"ae_title": WRONG_TITLE}), hospital).answer
    if other.taken:
        title = f"Not proven: the AE title. It answers to {WRONG_TITLE} too, so that {peer.ae_title} may be wrong and seem to work"
    else:
        title = f"Proven: the AE title {peer.ae_title}. With another one: {other.text}"
    notes = (
        f"Proven: the address, the port{', TLS' if peer.tls else ''}, and that DICOM is spoken there",
        title,
        f"Not proven: that it stores what {hospital.ae_title} sends, and lists {hospital.ae_title} as a sender",
    )
    return Checked(found.answer, found.takes, found.refuses, notes)


def _asked(peer: DicomPeer, hospital: Hospital) -> Checked:
    from pynetdicom.presentation import build_context  # noqa: PLC0415 - heavy, and wanted here only

    from edge.exchange.peers.association import associated  # noqa: PLC0415 - heavy, and wanted here only

    try:
        with associated(peer, hospital.ae_title, [build_context(each) for each in (VERIFICATION, *SERVICES)]) as line:
            takes = tuple(name for sop_class, name in SERVICES.items() if line.accepts(sop_class))
            refuses = tuple(name for sop_class, name in SERVICES.items() if not line.accepts(sop_class))
            if not line.accepts(VERIFICATION):
                why = line.refusal(VERIFICATION)
                return Checked(Answer(Outcome.REFUSED, f"{peer.name} refuses C-ECHO: {why}", "context"), takes, refuses)
            with line.within(peer.answer_s) as association:
                status = association.send_c_echo()
            answer = line.ended("C-ECHO") if "Status" not in status else _answered(peer, int(status.Status))
            return Checked(answer, takes, refuses)
    except NotAssociated as error:
        return Checked(error.answer)


def _answered(peer: DicomPeer, status: int) -> Answer:
    outcome = Outcome.ACCEPTED if status == 0 else Outcome.REFUSED
    return Answer(
        outcome, f"{peer.name} ({peer.ae_title} at {peer.host}, port {peer.port}) answers C-ECHO with {status:04X}", f"{status:04X}"
    )
