"""Writes a training set: the folder appears when it is complete, and what an interrupted attempt left is begun again."""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from edge.disk.digest import digest_of
from edge.disk.durable import make_folder, place_folder, replace_file
from edge.exam.export import DIGESTS
from edge.exchange.deidentified.overview import row_of, write_overview
from edge.exchange.deidentified.pixels import NotCleanable
from edge.exchange.deidentified.pseudonyms import Pseudonyms
from edge.exchange.training_set.clip import SimulatedInside, WrittenClip, write_clip
from edge.exchange.training_set.collect import Collected, LabelledClip, Left
from edge.exchange.training_set.described import ENTRY, MANIFEST, README, Described, Row, entry, manifest, readme
from edge.exchange.training_set.errors import TrainingSetEmpty, TrainingSetNotWritten, TrainingSetThere
from edge.exchange.training_set.folds import folds_of
from edge.exchange.training_set.made import CHECK, Made, Progress
from firmware_bridge.errors import BridgeError, SourceUnreadable

CLIPS, SUFFIX = "clips", ".mcap"
ROWS = 40
"""Pictures on one page of the overview."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A set `ident` in the folder `target`; `key` is the secret of the site."""

    target: Path
    ident: str
    licence: str
    key: bytes = field(repr=False)

    @property
    def check(self) -> Path:
        """The folder of the pictures before and after. It shows the patients' data, so it lies next to what is given away."""
        return self.target.with_name(self.target.name + CHECK)

    def pseudonym(self, person: str) -> str:
        """The same in one set, another one in the next."""
        return Pseudonyms(self.key, f"training-set/{self.ident}/{person}").name


def write_set(asked: Asked, found: Collected, progress: Progress, before_visible: Callable[[Made], None]) -> Made:
    """Writes the set; `before_visible` receives it complete, just before its folder has its name. `progress` receives clips done and all.

    Raises:
        TrainingSetThere: the folder exists, or another export writes it.
        TrainingSetEmpty: no clip can be exported.
        TrainingSetNotWritten: the disk refuses it.
        SonoEdgeError: what `before_visible` raises. In each case there is no set.
    """
    if not found.clips:
        raise _empty(found.left)
    try:
        make_folder(asked.target.parent)
        with _unfinished(asked.target) as part, _unfinished(asked.check) as check:
            made = _Work(asked, part, check).fill(found, progress)
            before_visible(made)
            place_folder(check, asked.check)
            try:
                place_folder(part, asked.target)
            except OSError:
                shutil.rmtree(asked.check, ignore_errors=True)
                raise
    except OSError as error:
        what = f"{asked.target} cannot be written ({error.strerror or error})"
        raise TrainingSetNotWritten(what, "Free some room, or name another folder") from error
    return made


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """An empty folder that only this process uses. It is gone in the end, unless it was renamed."""
    part = target.with_name(f".{target.name}.part")
    part.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _hold(descriptor, target)
        try:
            _require_free(target)
            _empty_folder(part)
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)
    finally:
        os.close(descriptor)


def _hold(descriptor: int, target: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise TrainingSetThere(f"Another export writes {target}", "Wait until it ends, or name another folder") from error


def _require_free(target: Path) -> None:
    if target.exists():
        raise TrainingSetThere(f"{target} exists already", "Name another folder, or move this one: nothing is overwritten")


def _empty_folder(part: Path) -> None:
    """An export that was interrupted left this: its pictures are made again."""
    for each in part.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()


class _Work:
    """Fills one folder, and the pages of its overview."""

    def __init__(self, asked: Asked, part: Path, check: Path) -> None:
        self._asked, self._part, self._check = asked, part, check
        self._rows: list[Row] = []
        self._pictures: list[Image.Image] = []
        self._pages = 0

    def fill(self, found: Collected, progress: Progress) -> Made:
        left = Counter(found.left)
        (self._part / CLIPS).mkdir()
        clips = sorted(((self._asked.pseudonym(each.patient), each) for each in found.clips), key=lambda pair: (pair[0], pair[1].zone))
        exams = set[str]()
        progress(0, len(clips))
        for done, (pseudonym, clip) in enumerate(clips, 1):
            why = self._add(pseudonym, clip)
            if why is None:
                exams.add(clip.exam_id)
            else:
                left[why] += 1
            progress(done, len(clips))
        self._page(at_least=1)
        if not self._rows:
            raise _empty(left)
        folds = folds_of(_present(self._rows))
        rows = [replace(row, fold=folds[row.patient]) for row in self._rows]
        described = Described(self._asked.target.name, self._asked.ident, self._asked.licence, rows, left, found.contradicted)
        return Made(described, tuple(sorted(exams)), self._describe(described))

    def _add(self, pseudonym: str, clip: LabelledClip) -> Left | None:
        """Adds a clip, or states why not."""
        name = f"{CLIPS}/{len(self._rows) + 1:05d}{SUFFIX}"
        path = self._part / name
        try:
            if _digest(clip.path) != clip.sha256:
                return Left.CHANGED
            written = write_clip(clip.path, clip.window, path)
        except SimulatedInside:
            return Left.SIMULATED
        except NotCleanable:
            return Left.UNCLEAN
        except BridgeError:
            path.unlink(missing_ok=True)
            return Left.UNREADABLE
        self._rows.append(Row(name, pseudonym, clip.zone, 0, clip.protocol, written.machine, written.frames, digest_of(path), clip.labels))
        self._picture(name, written)
        return None

    def _picture(self, name: str, written: WrittenClip) -> None:
        self._pictures += [row_of(name, pair.before, pair.after) for pair in written.pairs]
        self._page(at_least=ROWS)

    def _page(self, at_least: int) -> None:
        if len(self._pictures) >= at_least:
            self._pages += 1
            write_overview(self._pictures, self._check / f"{self._pages:04d}.png")
            self._pictures.clear()

    def _describe(self, described: Described) -> str:
        """Writes everything else than the clips; returns the digest of the manifest."""
        digests = {row.file: row.sha256 for row in described.rows}
        for name, content in {MANIFEST: manifest(described), ENTRY: entry(described), README: readme(described)}.items():
            replace_file(self._part / name, content)
            digests[name] = digest_of(self._part / name)
        replace_file(self._part / DIGESTS, "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(digests.items())).encode())
        return digests[MANIFEST]


def _digest(recording: Path) -> str:
    try:
        return digest_of(recording)
    except OSError as error:
        raise SourceUnreadable(f"{recording} cannot be read ({error.strerror})", "Check the disk of the recordings") from error


def _present(rows: Sequence[Row]) -> Mapping[str, set[str]]:
    """The findings of each patient."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.patient, set()).update(key for key, label in row.labels.items() if label.has)
    return found


def _empty(left: Mapping[Left, int]) -> TrainingSetEmpty:
    why = "; ".join(f"{count}: {each.value}" for each, count in left.items() if count)
    what = "No clip can be exported" + (f". Labelled clips that are left out: {why}" if why else ": no reader has labelled one")
    return TrainingSetEmpty(what, "Let readers review exams of real patients first")
