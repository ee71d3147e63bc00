"""The reader that made the findings of an exam, to draw what it saw."""

from collections import Counter
from contextlib import suppress

from edge.exchange.handed import HandedExam
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.runtime import RuntimeAbsent
from edge.inference.shelf import Shelf


def reader_of(exam: HandedExam, shelf: Shelf) -> Reader | None:
    """The release that made most of the findings, loaded for one thread; None where it is not on the shelf any more or there are none."""
    releases = Counter(finding.release for zone in exam.zones for finding in zone.findings)
    for ident, _ in releases.most_common(1):
        with suppress(ModelUnusable, RuntimeAbsent):
            return Reader.load(ModelRelease.load(shelf.find(ident)))
    return None
