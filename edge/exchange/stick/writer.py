"""Writes a bundle, exam by exam. Whatever ends it, the next call continues: a file that is complete on the stick is not written again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file, sync_folder
from edge.disk.keys import pem
from edge.disk.plain_file import inside, read_plain
from edge.exchange.stick.content import Content, Item
from edge.exchange.stick.errors import StickForeign, stick_errors
from edge.exchange.stick.forms import MOST_STATEMENT, PART, SEALED, STATEMENT, SUMMARY, Entry, Manifest, SealedFile, Statement, is_ours
from edge.exchange.stick.pieces import RecordingLost, Sealer, Stick
from edge.exchange.stick.receiver import Receiver
from edge.exchange.stick.signed import Signer, signed, verified
from edge.exchange.stick.summary import summary
from edge.notice import NOTICE

Progress = Callable[[int, int], None]
"""Receives how much is done, and of how much, in thousandths of an exam."""
EXAM = 1000
OLDER = "it has changed here, and recordings of it are gone here: the earlier state with its recordings stays on the stick"
AWAY = "Move it away from the stick, then write the exams again: nothing is overwritten"


@dataclass(frozen=True, slots=True)
class Address:
    """From which board, for whom, and when. `signer` holds the key of the board; `work` is a folder on the board's own disk."""

    board: str
    site: str
    signer: Signer
    receiver: Receiver
    at: datetime
    work: Path


@dataclass(frozen=True, slots=True)
class Contents:
    """The exams to write, of which each is read when its turn comes, and how many there are.

    `on_stick` receives the id of an exam and the number of its files once it is complete on the stick, whatever happens afterwards.
    """

    each: Iterable[Content]
    count: int
    on_stick: Callable[[str, int], None] = lambda _, __: None


@dataclass(frozen=True, slots=True)
class Written:
    """The exams in the bundle that were asked for, by their ids.

    `written` now, each with the number of its files; `there`: complete before; `missing`: what an exam lacks, in words.
    """

    bundle: Path
    written: dict[str, int]
    there: tuple[str, ...]
    missing: dict[str, tuple[str, ...]]


def write_bundle(stick: Path, address: Address, contents: Contents, progress: Progress) -> Written:
    """Writes the exams that the bundle on the stick lacks. Earlier exams in it stay.

    Raises:
        StickRefused: the stick is full, read-only, pulled out or fails; every complete file stays.
        StickForeign: something else is in the place of the bundle, or it is damaged.
    """
    written, there, missing = dict[str, int](), list[str](), dict[str, tuple[str, ...]]()
    with stick_errors(stick):
        writer = _Writer(Stick(stick), address, contents.count)
        for number, content in enumerate(contents.each):
            if writer.has(content):
                there.append(content.id)
            elif writer.has_more(content):
                there.append(content.id)
                missing[content.id] = (OLDER,)
            else:
                manifest = writer.add(content, _Advance(progress, number, contents.count, content.size))
                written[content.id] = len(manifest.files)
                contents.on_stick(content.id, len(manifest.files))
                missing |= {content.id: manifest.missing} if manifest.missing else {}
            progress((number + 1) * EXAM, contents.count * EXAM)
    return Written(writer.bundle, written, tuple(there), missing)


class _Advance:
    """Adds up the bytes of one exam that were done, and reports its share of the whole: the last thousandth is that it is complete."""

    def __init__(self, progress: Progress, number: int, count: int, size: int) -> None:
        self._progress, self._number, self._count, self._size = progress, number, count, size
        self._done = 0

    def __call__(self, count: int) -> None:
        self._done = min(self._done + count, self._size)
        self._progress(self._number * EXAM + (EXAM - 1) * self._done // max(1, self._size), self._count * EXAM)


class _Writer:
    """One bundle that is being written; its methods raise OSError for the stick only."""

    def __init__(self, stick: Stick, address: Address, wanted: int) -> None:
        self._stick, self._to, self._wanted = stick, address, wanted
        self._sealer = Sealer(stick, address.receiver.recipient)
        self.bundle = _place(stick.folder, f"sonoedge-{address.board}-for-{address.receiver.mark}")
        stick.make_folder(self.bundle)
        self._entries = {entry.folder: entry for entry in self._stated()}
        self._state()

    def has(self, content: Content) -> bool:
        """Whether the exam is complete there as it is now."""
        entry = self._entries.get(content.folder)
        if entry is None or entry.state != content.state:
            return False
        return self._is_there(entry)

    def has_more(self, content: Content) -> bool:
        """Whether an earlier state of the exam is complete there, with recordings that are gone here."""
        entry = self._entries.get(content.folder)
        return entry is not None and entry.recordings > len(content.recordings) and self._is_there(entry)

    def _is_there(self, entry: Entry) -> bool:
        place = self.bundle / entry.folder
        return all((place / name).is_file() for name in entry.files) and digest_of(place / entry.manifest) == entry.sha256

    def add(self, content: Content, advance: Callable[[int], None]) -> Manifest:
        """Writes what the bundle lacks of an exam, and states the exam."""
        place, missing = _place(self.bundle, content.folder), list[str]()
        self._stick.make_folder(place)
        files = tuple(self._files(place, content, missing, advance))
        exam = content.wanted.exam
        manifest = Manifest(
            recipient=self._to.receiver.recipient,
            folder=content.folder,
            exam=exam.id,
            study_uid=exam.study_uid,
            name=exam.folder,
            files=files,
            missing=tuple(missing),
            notice=NOTICE,
        )
        sealed = self._sealer.seal(place, Item.of("manifest", manifest.model_dump_json(indent=1).encode())).sealed
        names = tuple(file.sealed for file in files)
        self._entries[content.folder] = Entry(
            folder=content.folder,
            state=content.state,
            manifest=sealed,
            sha256=digest_of(place / sealed),
            files=names,
            recordings=len({file.name for file in files} & content.recordings.keys()),
        )
        self._state()
        _tidy(place, (sealed, *names))
        return manifest

    def _files(self, place: Path, content: Content, missing: list[str], advance: Callable[[int], None]) -> Iterator[SealedFile]:
        for item in content.texts():
            yield self._sealer.seal(place, item)
        for item in content.clips(missing):
            yield from self._sealed(place, item, missing, advance)
        with content.dicom(self._to.work, missing) as items:
            for item in items:
                yield from self._sealed(place, item, missing, lambda _: advance(0))  # `size` is of the recordings

    def _sealed(self, place: Path, item: Item, missing: list[str], advance: Callable[[int], None]) -> Iterator[SealedFile]:
        try:
            sealed = self._sealer.seal(place, item, advance)
        except RecordingLost as error:
            missing.append(f"{item.name} cannot be read ({error})")
            return
        if sealed.sha256 != item.sha256:
            missing.append(f"{item.name} differs from its record")
        yield sealed

    def _state(self) -> None:
        """Writes the signed statement, and the summary for a person."""
        self._stick.require()
        to, entries = self._to, tuple(self._entries[folder] for folder in sorted(self._entries))
        statement = Statement(
            board=to.board,
            receiver=to.receiver.name,
            recipient=to.receiver.recipient,
            made_at=to.at,
            wanted=max(self._wanted, len(entries)),
            exams=entries,
        )
        replace_file(self.bundle / STATEMENT, signed(statement, to.signer))
        replace_file(self.bundle / SUMMARY, summary(statement, to.site, self.bundle.name).encode())

    def _stated(self) -> tuple[Entry, ...]:
        """The exams that an earlier call completed and that are still there.

        Raises:
            StickForeign: the bundle is another's, or is damaged.
        """
        path = self.bundle / STATEMENT
        if not path.exists():
            if strange := [each.name for each in self.bundle.iterdir() if not is_ours(each.name)]:
                raise StickForeign(f"{self.bundle} holds {strange[0]}, which is not of a bundle", AWAY)
            return ()
        try:
            statement, key = verified(read_plain(path, MOST_STATEMENT), Statement)
        except ValueError as error:
            raise StickForeign(f"{path} is damaged, or was changed", AWAY) from error
        if pem(key) != self._to.signer.public or statement.recipient != self._to.receiver.recipient:
            raise StickForeign(f"{self.bundle} is the bundle of another board, or is for another receiver", AWAY)
        return tuple(entry for entry in statement.exams if (self.bundle / entry.folder / entry.manifest).is_file())


def _place(folder: Path, name: str) -> Path:
    path = inside(folder, name)
    if path is None or (path.exists() and not path.is_dir()):
        raise StickForeign(f"{folder / name} is a link, or no folder", AWAY)
    return path


def _tidy(place: Path, wanted: Iterable[str]) -> None:
    """Removes earlier states of an exam, and what was interrupted."""
    for path in place.iterdir():
        if path.name not in wanted and path.suffix in (PART, SEALED):
            path.unlink()
    sync_folder(place)
