"""Writes records as fast as it can and acknowledges each, until it is killed. A line on stdin is `FOLDER SEED`."""

import json
import os
import random
import tempfile
from functools import partial
from pathlib import Path

from forking import ANSWERS, serve

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file
from edge.exam.exam_file import make_folder, write_sidecar
from edge.records.exams.clips import NewClip
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import Step
from edge.records.opening import open_records
from edge.records.people.sessions import Sessions

STATES = {"record_version": 2, "selected": None, "zones": {}}
FINDING = NewFinding("b-lines", "lung-s-0.1", 0.2, -1.4, ("absent",), "absent", "", "", 0.1)


class Writer:
    """Each acknowledgement includes the number of the newest audit entry."""

    answers = ANSWERS

    def __init__(self, folder, seed):
        self._folder, self._chance = folder / "exams", random.Random(seed)
        self._store = open_records(folder)
        self._exams = Exams(self._store, partial(write_sidecar, self._folder))
        self._sessions, self._findings = Sessions(self._store), Findings(self._store)

    def acknowledge(self, **record):
        newest = self._store.newest()
        os.write(self.answers, json.dumps({**record, "seq": newest.seq if newest else 0}).encode() + b"\n")

    def run(self):
        self.acknowledge(opened=True)
        while True:
            self.one_exam()

    def one_exam(self):
        exam = self.begin()
        for zone in ("upper-right", "upper-left"):
            self.keep(exam, zone)
        self.acknowledge(ended=self._exams.end("nobody", exam.id).id)
        session = self._sessions.break_glass(self._chance.randbytes(16).hex(), "a test", "127.0.0.1", lambda _: False)
        self.acknowledge(session=session.id)

    def close(self):
        self._store.close()

    def begin(self):
        place = make_folder(self._folder, "blue-6")
        text = {"protocol": "blue-6", "protocol_version": "1", "protocol_digest": "0" * 64, "operator": "nobody", "folder": place.name}
        exam = self._exams.begin("nobody", NewExam(simulated=True, qualified=False, **text), STATES)
        self.acknowledge(exam=exam.id)
        return exam

    def keep(self, exam, zone):
        path = self._folder / exam.folder / f"{zone}.mcap"
        replace_file(path, self._chance.randbytes(self._chance.randrange(500, 5000)))
        clip = NewClip(zone, path.name, digest_of(path), path.stat().st_size, 1, 9, "itself", (), 80.0)
        self._exams.keep("nobody", exam.id, Step("zone.kept", {"zone": zone}, STATES), clip, (FINDING,), simulated=True)
        stored = self._exams.clips(exam.id)[-1]
        self.acknowledge(clip=stored.id, file=f"{exam.folder}/{path.name}", sha256=stored.sha256)
        finding = self._exams.findings(exam.id)[-1]
        self._findings.decide("nobody", finding.id, "rejected", None, finding.version, while_in=("draft",))
        self.acknowledge(decided=finding.id)


def warm_up():
    """Imports and runs everything once, so that a child starts at once with the writes to cut."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nobody:
        writer = Writer(Path(folder), 0)
        writer.answers = nobody.fileno()
        writer.one_exam()
        writer.close()


def write(line):
    folder, seed = line.rsplit(" ", 1)
    Writer(Path(folder), int(seed)).run()


warm_up()
serve(write)
