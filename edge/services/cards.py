"""The card of each person, computed once a day: one sees one's own, a supervisor the learning curve of a named person, nobody a list."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from edge.disk.layout import DataFolder
from edge.exchange.apart import each_apart
from edge.feedback.people.day import last_midnight
from edge.feedback.people.figures import Card, Cards, Curve, Group, Side
from edge.feedback.people.stored import StoredCards
from edge.feedback.progress import Progress
from edge.people.actor import Actor, NotAllowed, NotSignedIn
from edge.people.permission import SHELL, Permission, Verb
from edge.records.exams.answered import AnsweredExams
from edge.records.people.operators import Operators
from edge.records.store import Store
from edge.services.background import Background, Work, computed
from edge.services.people import LOOKERS

NAME = "cards"
"""Of the work in the background."""


@dataclass(frozen=True, slots=True)
class OwnCard:
    """The card of one person, of what was recorded before `until`; None where nothing of theirs counts yet. `group` is of all readers."""

    at: datetime
    until: datetime
    least: int
    card: Card | None
    group: Group | None

    @property
    def day(self) -> date:
        """The last day that counts, by the local date of the appliance."""
        return (self.until - timedelta(microseconds=1)).astimezone().date()


@dataclass(frozen=True, slots=True)
class Curves:
    """The learning curves of a person, as the one who takes exams and as a reader."""

    operator: tuple[Curve, ...] = ()
    reader: tuple[Curve, ...] = ()


class CardService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, data: DataFolder, background: Background) -> None:
        self._store, self._data, self._background = store, data, background
        self._operators, self._stored = Operators(store), StoredCards(data.cards)
        self._looked_at: datetime | None = None
        """The midnight for which cards were computed, or tried."""

    def mine(self, actor: Actor) -> OwnCard | None:
        """The actor's own card; None where no cards are computed yet.

        Raises:
            NotAllowed, NotSignedIn: the actor is not a person of this appliance.
        """
        actor.require(Verb.SCAN)
        if actor.operator_id is None:
            raise NotSignedIn("A card belongs to one person", "Sign in with your badge", says="card_needs_person")
        return _own(self._stored.get(), actor.operator_id)

    def work(self, actor: Actor) -> Work:
        """The state of the computation.

        Raises:
            NotAllowed: the actor is not allowed to scan.
        """
        actor.require(Verb.SCAN)
        return self._background.work(NAME)

    def curves(self, actor: Actor, operator_id: str) -> Curves:
        """The learning curves of a named person: one's own, or those under the protocols that the actor is allowed to over-read.

        Who may see the standing of an operator may ask, as in `edge.services.people.PeopleService.standing`.

        Raises:
            NotAllowed: it is another operator, and the actor is allowed neither to vouch nor to unlock.
            RecordUnknown: nobody has this id.
        """
        if actor.operator_id != operator_id:
            actor.require_any(*LOOKERS)
        self._operators.get(operator_id)
        found = _own(self._stored.get(), operator_id)
        if found is None or found.card is None:
            return Curves()
        own = actor.operator_id == operator_id
        return Curves(_supervised(actor, found.card.operator, own=own), _supervised(actor, found.card.reader, own=own))

    def at_board(self, actor: Actor, operator_id: str) -> OwnCard | None:
        """The card of any person for who holds the board; the audit trail states that it was shown.

        Raises:
            NotAllowed: the actor does not use the board's own shell.
            RecordUnknown: nobody has this id.
        """
        actor.require(Verb.AUDIT)
        if actor.kind != SHELL:
            raise NotAllowed("A card is shown to its own person only", "Ask the person, or see their learning curve", says="card_own")
        self._operators.get(operator_id)
        with self._store.write() as change:
            change.log(actor.name, "card.shown", f"operator/{operator_id}")
        return _own(self._stored.get(), operator_id)

    def look(self) -> None:
        """Computes the cards once after each midnight, if any exam was ended; a failed computation is tried again on the next day."""
        until = last_midnight(self._store.now())
        if self._looked_at == until or self._background.ends:
            return
        self._looked_at = until
        stored = self._stored.get()
        if (stored is None or stored.until != until) and AnsweredExams(self._store).count():
            self._background.begin(NAME, self._compute)

    def _compute(self) -> Generator[Progress, None, None]:
        from edge.feedback.people.compute import cards_at  # noqa: PLC0415 - it computes in a process of its own

        return computed(each_apart(cards_at, self._data.root), self._stored.put)


def _own(cards: Cards | None, operator_id: str) -> OwnCard | None:
    return None if cards is None else OwnCard(cards.at, cards.until, cards.least, cards.cards.get(operator_id), cards.group)


def _supervised(actor: Actor, side: Side | None, *, own: bool) -> tuple[Curve, ...]:
    curves = () if side is None else side.curves
    return tuple(each for each in curves if own or actor.permission(Verb.OVER_READ, each.protocol) is not Permission.DENY)
