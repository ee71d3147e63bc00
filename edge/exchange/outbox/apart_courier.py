"""A courier whose work runs in a process of its own: what DICOM, PDF and the models load never weighs on the appliance."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from edge.exchange.apart import apart, each_apart
from edge.exchange.handed import HandedExam
from edge.exchange.outbox.courier import Packed, Parcel
from edge.exchange.peers.outcome import Answer
from edge.records.outbox.delivery import Delivery

HandOver = Callable[[str], HandedExam]
"""The exam with this id, as it is now."""


class Trade(Protocol):
    """What a courier does for one kind of peer, as plain values that another process can receive; see `Courier`."""

    @property
    def confirms(self) -> bool: ...

    @property
    def keeps_images(self) -> bool: ...

    def pack(self, exam: HandedExam, delivery: Delivery, into: Path) -> Packed:
        """Makes the objects of the exam in an empty folder."""
        ...

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str, Answer]]: ...

    def ask(self, objects: Sequence[tuple[str, str]]) -> Mapping[str, Answer]: ...


@dataclass(frozen=True, slots=True)
class ApartCourier:
    """Reads the exam here, and has everything else done apart. Each of its methods can also raise `ProcessEnded`."""

    trade: Trade
    hand_over: HandOver

    @property
    def confirms(self) -> bool:
        return self.trade.confirms

    @property
    def keeps_images(self) -> bool:
        return self.trade.keeps_images

    def pack(self, delivery: Delivery, into: Path) -> Packed:
        return apart(self.trade.pack, at_report(self.hand_over(delivery.exam_id), delivery.report), delivery, into)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str, Answer]]:
        return each_apart(self.trade.send, parcels)

    def ask(self, objects: Sequence[tuple[str, str]]) -> Mapping[str, Answer]:
        return apart(self.trade.ask, objects)


def at_report(exam: HandedExam, number: int) -> HandedExam:
    """The exam with the report of this number as its newest one: a delivery sends the report that it was queued for."""
    reports = tuple(report for report in exam.reports if report.number <= number)
    return replace(exam, reports=reports, report=reports[-1])
