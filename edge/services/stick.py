"""The stick: which exams leave on it, for whom, and the reviews that come back on it."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.disk.durable import locked, make_folder
from edge.disk.layout import DataFolder
from edge.disk.mount import no_other_disk
from edge.exam.export import Wanted
from edge.exam.protocol.file import Catalogue
from edge.exam.reading import ExamReader
from edge.exam.review.review import ReviewKind, answer_of, discordant, fitting, merged
from edge.exam.stored import StoredExams
from edge.exchange.dicom.written import Objects
from edge.exchange.handed import HandedExam
from edge.exchange.stick.content import Content
from edge.exchange.stick.errors import BundleRefused, StickRefused
from edge.exchange.stick.forms import token
from edge.exchange.stick.keyring import remember, remembered
from edge.exchange.stick.receiver import Receiver
from edge.exchange.stick.reviews import RemoteReview, read_reviews, review_files
from edge.exchange.stick.writer import Address, Contents, Progress, Written, write_bundle
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.exams.facts import DRAFT, PRELIMINARY
from edge.records.exams.forms import StoredExam
from edge.records.exams.remote_reviews import NewRemoteReview, RemoteReviews
from edge.records.exams.reports import Reports
from edge.records.exams.reviews import Reviews, SavedReview, standing
from edge.records.people.operators import Operators, folded
from edge.services.board_key import board_signer, id_of_signer
from edge.services.review import answers_of_model
from firmware_bridge.errors import Conflict, SonoEdgeError

PAGE = 200


class StickBusy(Conflict):
    """Another command writes exams to a stick."""

    code = "stick-busy"
    says_code = "stick_busy"


def busy() -> StickBusy:
    return StickBusy("Exams are written to a stick, or reviews are read from one, already", "Wait until that has ended")


@dataclass(frozen=True, slots=True)
class Received:
    """The ids of the reviews that were added now, of those that were recorded already, and of those that are refused, with the reason."""

    added: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)


class StickService:
    """Any thread may use it; each method waits for disks."""

    def __init__(
        self,
        stored: StoredExams,
        catalogue: Catalogue,
        data: DataFolder,
        hand_over: Callable[[str], HandedExam],
        objects_of: Callable[[HandedExam, Path], Objects],
    ) -> None:
        """`hand_over` reads the exam with an id as it is handed on; `objects_of` writes its DICOM objects into a folder."""
        self._stored, self._data, self._hand_over, self._objects_of = stored, data, hand_over, objects_of
        self._reports, self._reviews, self._reader = Reports(stored.store), Reviews(stored.store), ExamReader(stored.store, catalogue)

    def export(
        self, actor: Actor, exams: Sequence[str], stick: Path, receiver: Receiver, progress: Progress, *, same_disk: bool = False
    ) -> Written:
        """Writes exams to a bundle on a stick, by their ids or the ends of these; without `exams`, every one that was ended.

        What the bundle has already stays. `same_disk` accepts a folder that is not on another disk.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export, or has to give the PIN again.
            RecordUnknown: no exam has such an id.
            KeyUnusable: the key of the receiver has expired.
            StickRefused: no stick is mounted there, or it refuses the exams; see `edge.exchange.stick.writer`.
            StickForeign: something else is in the place of the bundle.
            StickBusy: another command writes to a stick.
            BundleRefused: an exam is still open.
        """
        actor.require(Verb.EXPORT)
        records, now = self._stored.records, self._stored.store.now()
        receiver.require_valid(now)
        chosen = [self._ended(actor, each) for each in exams] or self._all_ended(actor)
        if not same_disk and (why := no_other_disk(stick, self._data.root)):
            fix = "Insert the stick and mount it. If the folder is on this disk on purpose, add --same-disk"
            raise StickRefused(f"Nothing was written to {stick}: {why}", fix, says="stick_same_disk")
        signer = board_signer(self._data)

        def on_stick(exam: str, files: int) -> None:
            records.exported(actor.name, exam, files, receiver.mark)

        with self._working() as work:
            remember(receiver, self._data.receivers)
            site = records.get(chosen[-1]).site if chosen else ""
            address = Address(id_of_signer(signer), site, signer, receiver, now, work)
            return write_bundle(stick, address, Contents(map(self._content, chosen), len(chosen), on_stick), progress)

    def receive(self, actor: Actor, folder: Path, progress: Progress = lambda _, __: None) -> Received:
        """Adds the reviews in a folder that receivers of this board signed, each under the name of its reader, who cannot sign in here.

        `progress` receives how many of them were looked at, and of how many.

        Raises:
            NotAllowed: the actor is not allowed to enrol people.
            BundleRefused: there are no reviews, a file of them is damaged, or nobody signed it for whom this board wrote exams.
            KeyUnusable: the key of the receiver has expired.
        """
        actor.require(Verb.ENROL)
        if not Operators(self._stored.store).any():
            raise BundleRefused("Nobody is enrolled on this appliance", "Enrol the first administrator, then receive the reviews")
        known, now = tuple(remembered(self._data.receivers)), self._stored.store.now()
        read = [read_reviews(path, known, now) for path in review_files(folder)]
        reviews = [(each.receiver, review) for each in read for review in each.reviews]
        added, there, refused = list[str](), list[str](), dict[str, str]()
        for number, (receiver, review) in enumerate(reviews, 1):
            try:
                (added if self._add(actor, receiver, review) else there).append(review.id)
            except SonoEdgeError as error:
                refused[review.id] = f"exam {review.exam}: {error.what}"
            progress(number, len(reviews))
        return Received(tuple(added), tuple(there), refused)

    def _ended(self, actor: Actor, exam_id: str) -> str:
        exam = self._stored.records.get(self._stored.records.id_of(exam_id))
        actor.require(Verb.EXPORT, exam.protocol)
        _require_ended(exam)
        return exam.id

    def _all_ended(self, actor: Actor) -> list[str]:
        """Every ended exam that the actor is allowed to export, the oldest first."""
        found: list[str] = []
        before: str | None = None
        while page := self._stored.records.newest(PAGE, before_id=before):
            found += [
                exam.id for exam in page if exam.state != DRAFT and actor.permission(Verb.EXPORT, exam.protocol) is not Permission.DENY
            ]
            before = page[-1].id
        return found[::-1]

    def _content(self, exam_id: str) -> Content:
        def objects(into: Path) -> Objects:
            return self._objects_of(self._hand_over(exam_id), into)

        records = self._stored.records
        wanted = Wanted(records.file(exam_id), self._reports.of_exam(exam_id), self._stored.path_of(records.get(exam_id)))
        return Content(wanted, objects)

    @contextmanager
    def _working(self) -> Iterator[Path]:
        """An empty folder on the disk of the records, for one export at a time."""
        work = self._data.stick_work
        make_folder(work)
        try:
            with locked(work / "lock", os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX | fcntl.LOCK_NB):
                for left in work.iterdir():
                    if left.is_dir():
                        shutil.rmtree(left)
                yield work
        except BlockingIOError as error:
            raise busy() from error

    def _add(self, actor: Actor, receiver: Receiver, review: RemoteReview) -> bool:
        exam = self._stored.records.get(review.exam)
        _require_ended(exam)
        answer = fitting(review.answer, self._reader.exam(exam))
        others = (answer_of(each).answers for each in standing(self._reviews.of_exam(exam.id)) if each.id != review.id)
        before = (answers_of_model(self._stored.records.findings(exam.id)), *others)
        ready = answer.model_dump(mode="json")
        codes = merged(discordant(answer.answers, other) for other in before)
        new = NewRemoteReview(
            id=review.id,
            exam_id=exam.id,
            kind=(ReviewKind.FIRST if exam.state == PRELIMINARY else ReviewKind.OVER_READ).value,
            reader=review.reader,
            badge=f"remote-{receiver.mark}-{token(folded(review.reader))[:8]}",
            answer=SavedReview(ready["zones"], ready["quality"], answer.comment, codes),
            origin={"receiver": receiver.mark, "read_at": review.read_at.isoformat()},
        )
        return RemoteReviews(self._stored.store).add(actor.name, new)


def _require_ended(exam: StoredExam) -> None:
    if exam.state == DRAFT:
        raise BundleRefused("The exam {exam} is still open", "End it first, or leave it out", says="exam_still_open", exam=exam.id)
