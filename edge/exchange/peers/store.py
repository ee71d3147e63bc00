"""C-STORE: sends DICOM files to a peer over one association, and states for each what the peer answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.exchange.peers.dial import NotAssociated
from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.peers.outcome import Answer, Outcome, shown
from edge.exchange.peers.statuses import stored

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.presentation import PresentationContext

    from edge.exchange.peers.association import Line

SLOWEST_BYTES_S = 50_000
"""A network as slow as this is still waited for: the time for an object grows with its size."""
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
"""Implicit VR Little Endian, which each peer has to take (PS3.5 10.1), and Explicit VR Little Endian."""


@dataclass(frozen=True, slots=True)
class ToSend:
    """A DICOM file, and what its header states."""

    path: Path
    sop_class: str
    sop_instance: str
    syntax: str

    @property
    def syntaxes(self) -> tuple[str, ...]:
        """In which it can be sent: an uncompressed object also in the one that each peer takes."""
        return (self.syntax, IMPLICIT) if self.syntax == EXPLICIT else (self.syntax,)


def store(peer: DicomPeer, hospital: Hospital, files: Sequence[Path]) -> Iterator[tuple[str, Answer]]:
    """The SOP instance UID of each file in turn, with the answer of the peer.

    A peer that does not answer, or ends the association, leaves the rest to be sent again. An object of which the peer takes no such
    class or transfer syntax is refused alone.

    Raises:
        OSError, InvalidDicomError: a file cannot be read, or is no DICOM file; before anything is sent.
    """
    from edge.exchange.peers.association import associated  # noqa: PLC0415 - heavy, and wanted here only

    waiting = [_read(path) for path in files]
    if not waiting:
        return
    sent = 0
    try:
        with associated(peer, hospital.ae_title, _contexts(waiting)) as line:
            for each in waiting:
                yield each.sop_instance, _send(line, each)
                sent += 1
    except NotAssociated as error:
        yield from ((each.sop_instance, error.answer) for each in waiting[sent:])


def _read(path: Path) -> ToSend:
    from pydicom.filereader import read_file_meta_info  # noqa: PLC0415 - heavy, and wanted here only

    meta = read_file_meta_info(path)
    return ToSend(path, meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID)


def _contexts(waiting: Sequence[ToSend]) -> "list[PresentationContext]":
    """One for each pair of class and transfer syntax, so that the peer answers for each alone; at most 128 (PS3.8 9.3.2.2)."""
    from pynetdicom.presentation import build_context  # noqa: PLC0415 - heavy, and wanted here only

    pairs = dict.fromkeys((each.sop_class, syntax) for each in waiting for syntax in each.syntaxes)
    return [build_context(sop_class, syntax) for sop_class, syntax in pairs]


def _send(line: "Line", each: ToSend) -> Answer:
    name = line.peer.name
    syntax = next((syntax for syntax in each.syntaxes if line.accepts(each.sop_class, syntax)), None)
    if syntax is None:
        return Answer(Outcome.REFUSED, f"{name} refuses this object: {line.refusal(each.sop_class)}", "context")
    if not line.open:
        return line.ended("the object before this one")
    with line.within(line.peer.answer_s + each.path.stat().st_size / SLOWEST_BYTES_S) as association:
        try:
            status = association.send_c_store(each.path if syntax == each.syntax else _loaded(each.path))
        except RuntimeError:  # it ended after the check above
            return line.ended("the object before this one")
    if "Status" not in status:
        return line.ended("an object")
    return stored(name, int(status.Status), shown(str(status.get("ErrorComment", ""))))


def _loaded(path: Path) -> "Dataset":
    """A dataset, which pynetdicom converts into another uncompressed transfer syntax; it does not convert a file."""
    from pydicom import dcmread  # noqa: PLC0415 - heavy, and wanted here only

    return dcmread(path)
