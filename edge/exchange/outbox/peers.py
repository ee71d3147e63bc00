"""The couriers to the peers of `hospital.yaml`: DICOM objects to a DICOM node, a Bundle to a FHIR server, a message to an HL7 receiver.

Each one works in a process of its own, see `ApartCourier`; so what it needs there is plain values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.exchange.dicom.written import Missing, Written
from edge.exchange.handed import HandedExam
from edge.exchange.outbox.apart_courier import ApartCourier, HandOver, Trade
from edge.exchange.outbox.courier import Courier, Couriers, Packed, Parcel
from edge.exchange.own_objects import own_objects
from edge.exchange.peers.hospital import DicomPeer, FhirPeer, Hl7Peer, Hospital, Peer
from edge.exchange.peers.outcome import Answer
from edge.exchange.uids import derived_uid
from edge.records.outbox.delivery import Delivery, NewObject

BUNDLE, MESSAGE = "bundle", "message"
"""Kinds of objects that are not DICOM."""


def couriers_of(hospital: Callable[[], Hospital], hand_over: HandOver, data_dir: Path) -> Couriers:
    """Each courier uses the hospital as its file states it at that moment. The releases for class maps are on the shelf of `data_dir`."""

    def courier(name: str) -> Courier | None:
        now = hospital()
        peer = now.named(name)
        return None if peer is None else ApartCourier(_trade_of(peer, now, data_dir), hand_over)

    return courier


def _trade_of(peer: Peer, hospital: Hospital, data_dir: Path) -> Trade:
    match peer:
        case DicomPeer():
            return ToDicom(peer, hospital, data_dir)
        case FhirPeer():
            return ToFhir(peer, hospital)
        case Hl7Peer():
            return ToHl7(peer)


@dataclass(frozen=True, slots=True)
class ToDicom:
    """Every object of the exam, the images first."""

    peer: DicomPeer
    hospital: Hospital
    data_dir: Path
    keeps_images = True

    @property
    def confirms(self) -> bool:
        return self.peer.commitment

    def pack(self, exam: HandedExam, delivery: Delivery, into: Path) -> Packed:  # noqa: ARG002 - see `Trade`
        objects = own_objects(self.data_dir, exam, into)
        missing = tuple(_missing(number, each) for number, each in enumerate(objects.missing))
        return Packed(tuple(Parcel(_named(each), each.path) for each in objects), missing)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str, Answer]]:
        from edge.exchange.peers.store import store  # noqa: PLC0415 - heavy, and wanted here only

        return store(self.peer, self.hospital, [parcel.path for parcel in parcels])

    def ask(self, objects: Sequence[tuple[str, str]]) -> Mapping[str, Answer]:
        from edge.exchange.peers.commit import commit  # noqa: PLC0415 - heavy, and wanted here only

        return commit(self.peer, self.hospital, objects)


@dataclass(frozen=True, slots=True)
class ToFhir:
    """One transaction Bundle. It names the images where the server knows ImagingStudy, and a DICOM node receives them."""

    peer: FhirPeer
    hospital: Hospital
    confirms = False
    keeps_images = False

    def pack(self, exam: HandedExam, delivery: Delivery, into: Path) -> Packed:
        from edge.exchange.dicom.objects import write_objects  # noqa: PLC0415 - heavy, and wanted here only
        from edge.exchange.fhir.bundle import bundle_of  # noqa: PLC0415 - heavy, and wanted here only

        named = self.peer.imaging_study and any(isinstance(each, DicomPeer) for each in self.hospital.peers)
        content = bundle_of(exam, write_objects(exam, into) if named else (), imaging_study=named)
        return _single(BUNDLE, delivery, into / "bundle.json", content)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str, Answer]]:
        from edge.exchange.peers.fhir import post_bundle  # noqa: PLC0415 - heavy, and wanted here only

        return ((parcel.new.uid, post_bundle(self.peer, parcel.path.read_bytes())) for parcel in parcels)

    def ask(self, objects: Sequence[tuple[str, str]]) -> Mapping[str, Answer]:  # noqa: ARG002 - see `Trade`
        return {}


@dataclass(frozen=True, slots=True)
class ToHl7:
    """One ORU message."""

    peer: Hl7Peer
    confirms = False
    keeps_images = False

    def pack(self, exam: HandedExam, delivery: Delivery, into: Path) -> Packed:
        from edge.exchange.hl7.oru import oru_of  # noqa: PLC0415 - wanted here only

        return _single(MESSAGE, delivery, into / "report.hl7", oru_of(exam))

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str, Answer]]:
        from edge.exchange.peers.mllp import send_message  # noqa: PLC0415 - wanted here only

        return ((parcel.new.uid, send_message(self.peer, parcel.path.read_bytes())) for parcel in parcels)

    def ask(self, objects: Sequence[tuple[str, str]]) -> Mapping[str, Answer]:  # noqa: ARG002 - see `Trade`
        return {}


def _named(written: Written) -> NewObject:
    return NewObject(written.sop_instance, written.sop_class, written.kind, written.zone)


def _missing(number: int, missing: Missing) -> NewObject:
    """One with the same words keeps its row at the next try."""
    return NewObject(derived_uid("missing", number, missing.kind, missing.zone, missing.why), "", missing.kind, missing.zone, missing.why)


def _single(kind: str, delivery: Delivery, path: Path, content: bytes) -> Packed:
    path.write_bytes(content)
    uid = derived_uid(kind, delivery.exam_id, delivery.report)
    return Packed((Parcel(NewObject(uid, "", kind, ""), path),))
