"""Computes the cards of a data folder. It is meant for a process of its own.

A card holds what was recorded until the last midnight, by the local date of the appliance: nobody is judged in the middle of a queue.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.protocol.stored import StoredProtocols
from edge.feedback.charts.skill import Rates
from edge.feedback.people.collect import Collector, Counting
from edge.feedback.people.day import last_midnight
from edge.feedback.people.figures import Cards
from edge.feedback.people.judge import cards
from edge.feedback.people.persons import People
from edge.feedback.progress import Progress, added
from edge.people.policy import SitePolicy, load_policy
from edge.records.audit.seal import Seal
from edge.records.exams.answered import AnsweredExams
from edge.records.exams.replaced import replaced_decisions
from edge.records.store import Store


def cards_at(data_dir: Path) -> Iterator[Progress | Cards]:
    """Reads the records of a data folder, and gives the progress and at last the cards.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read.
        PolicyInvalid: the site's policy file cannot be used.
        ProtocolInvalid: a protocol file of the site cannot be used.
    """
    data = DataFolder(data_dir)
    with closing(Store(data.records, Seal.of(data_dir))) as store:
        yield from cards_of(store, load_catalogue(data.protocols))


def cards_of(store: Store, catalogue: Catalogue) -> Iterator[Progress | Cards]:
    """The same, of open records.

    Raises:
        RecordsFull, RecordsUnusable: they cannot be read.
        PolicyInvalid: the site's policy file cannot be used.
    """
    at, exams, policy = store.now(), AnsweredExams(store), load_policy(store.path.parent)
    people, until = People.of(store), last_midnight(at)
    counting = Counting(until, people, replaced_decisions(store), policy.min_quality)
    collector = Collector(StoredProtocols(store, catalogue), counting)
    yield from added(exams.each(), exams.count(), collector.add)
    person_of = collector.patients.person_of()
    found = cards(collector.persons, people.present, person_of, rates_of(policy))
    yield Cards(at=at, until=until, cards=found, group=collector.readers.group(person_of))


def rates_of(policy: SitePolicy) -> Rates:
    """The rates of failure that the site accepts, and does not."""
    return Rates(policy.failure_rates.acceptable, policy.failure_rates.unacceptable)
