"""Takes an exam: skips its zones and opens them again, and reports the recorded state after each, until it is killed."""

import json
import os
from pathlib import Path

from forking import ANSWERS, serve

from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.exams.states import SkipReason
from edge.records.opening import open_records
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from firmware_bridge.sources.base import Origin, SourceInfo


def take(line):
    folder = Path(line.rsplit(" ", 1)[0])
    around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), lambda wanted: wanted)
    stored = StoredExams(open_records(folder), folder / "exams")
    desk = ExamService(ExamBook(stored), stored, load_catalogue(), "blue-6", around)
    if not desk.status.running:
        desk.begin(ANYONE)
    while True:
        for zone in desk.status.protocol.zones:
            if zone.id in desk.status.exam.zones:
                desk.reopen(ANYONE, zone.id)
            else:
                desk.skip(ANYONE, zone.id, SkipReason.PAIN, "")
            status = desk.status
            state = {"exam": status.record.id, "closed": sorted(status.exam.zones), "version": status.record.version}
            os.write(ANSWERS, json.dumps(state).encode() + b"\n")


serve(take)
