"""A receiver with keys, and the exam of a ward as the content of a bundle."""

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import pytest

from edge.disk.digest import digest_of
from edge.exam.export import Wanted
from edge.exchange.stick.content import Content
from edge.exchange.stick.opening import Key, open_bundle
from edge.exchange.stick.receiver import load_secret, make_receiver
from edge.exchange.stick.writer import Address, Contents, write_bundle
from edge.records.exams.reports import Reports
from edge.services.board_key import board_id, id_of_signer
from tests.edge.exchange.conftest import Ward

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)


@dataclass
class Sender:
    """A ward that writes its exams to sticks for one receiver."""

    ward: object
    receiver: object
    secret: str
    work: Path

    @property
    def board(self):
        return id_of_signer(self.signer)

    @property
    def signer(self):
        return self.ward.store.seal

    def content(self, exam=None, objects=None):
        records, exam = self.ward.stored.records, exam or self.ward.exam_id
        wanted = Wanted(records.file(exam), Reports(self.ward.store).of_exam(exam), self.ward.stored.path_of(records.get(exam)))
        return Content(wanted, objects)

    def write(self, stick, *contents, progress=lambda *_: None, **changed):
        facts = {"board": self.board, "site": "Gondar", "signer": self.signer, "receiver": self.receiver, "at": NOW, "work": self.work}
        contents = contents or (self.content(),)
        return write_bundle(stick, Address(**facts | changed), Contents(contents, len(contents)), progress)

    def open(self, bundle, into, **changed):
        return open_bundle(bundle, Key(**{"secret": self.secret, "board": self.board, "id_of": board_id} | changed), into)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_receiver("gondar-radiology", tmp_path_factory.mktemp("keys"), NOW)


def sender_of(ward, keys, work):
    return Sender(ward, keys.receiver, load_secret(keys.opens), work)


@pytest.fixture(scope="module")
def sender(tmp_path_factory, keys):
    """The exam of its ward stays as it is; tests may add others."""
    ward = Ward(tmp_path_factory.mktemp("ward") / "data")
    yield sender_of(ward, keys, tmp_path_factory.mktemp("work"))
    ward.store.close()


@pytest.fixture
def own_sender(ward, keys, tmp_path):
    """Tests may change its ward in any way."""
    (tmp_path / "work").mkdir()
    return sender_of(ward, keys, tmp_path / "work")


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def files_in(folder):
    """The digest of each file by its path."""
    return {str(path.relative_to(folder)): digest_of(path) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(name="files_in")
def files_in_():
    return files_in
