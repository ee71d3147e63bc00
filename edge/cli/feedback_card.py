"""`sonoedge feedback card`: the card of one person, for who holds the board. The audit trail states that it was shown."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.cli.own import own_settings
from edge.cli.progress import counted_exams
from edge.cli.protocol import catalogue
from edge.feedback.people.compute import cards_of
from edge.feedback.people.figures import Band, Card, Cards, Compared, Curve, Group, Pace, Share, Side, Step
from edge.feedback.people.stored import StoredCards
from edge.feedback.statistics.figure import NoFigure, Stated
from edge.notice import NOTICE
from edge.people.actor import SHELL_ACTOR
from edge.records.errors import RecordUnknown
from edge.records.people.operators import Operators, StoredOperator
from edge.records.store import Store
from edge.services.background import Background
from edge.services.cards import CardService, OwnCard

COMPARED = ("", "missed", "of present", "share", "overcalled", "of absent", "share", "agreement", "kappa")
CURVE = ("learning curve", "", "zones", "exams", "failed", "can't tell", "learned at", "alarms at")
IMAGES = "images"
"""In the place of a finding; its trials are exams."""
PACE = ("protocol", "exams", "without a time", "minutes", "of the site", "quality", "of the site")


def card(
    person: Annotated[str, typer.Argument(metavar="BADGE-OR-ID", help="Whose card.")],
    as_json: AsJson = False,
) -> None:
    """Show the card of one person, until yesterday. The audit trail states it. Research use, not a diagnosis."""
    settings = own_settings()
    with records() as store:
        found = _person(store, person)
        StoredCards(settings.data.cards).put(counted_exams(cards_of(store, catalogue())))
        shown = CardService(store, settings.data, Background()).at_board(SHELL_ACTOR, found.id)
    typer.echo(json.dumps(_record(shown)) if as_json else "\n".join(_lines(found, shown)))


def _person(store: Store, named: str) -> StoredOperator:
    operators = Operators(store)
    try:
        return operators.with_badge(named)
    except RecordUnknown:
        return operators.get(named)


def _record(shown: OwnCard | None) -> dict[str, object]:
    assert shown is not None, "it was stored just now"
    stated = Cards(at=shown.at, until=shown.until, least=shown.least, cards={}, group=shown.group).model_dump(
        mode="json", exclude={"cards"}
    )
    return {**stated, "card": shown.card and shown.card.model_dump(mode="json"), "notice": NOTICE}


def _lines(person: StoredOperator, shown: OwnCard | None) -> Iterator[str]:
    assert shown is not None, "it was stored just now"
    yield f"The card of {person.called}, of what was recorded before {shown.until:%Y-%m-%d %H:%M}. {NOTICE}"
    if shown.card is None:
        yield "Nothing of this person counts yet."
        return
    yield from _of_card(shown.card)
    yield from _of_group(shown.group, shown.least)


def _of_card(card: Card) -> Iterator[str]:
    for name, side in (("Taking exams", card.operator), ("Reading exams of others", card.reader)):
        yield ""
        yield f"{name}: {side.exams} exams were over-read" if side else f"{name}: nothing was over-read"
        yield from _of_side(side) if side else ()
    yield ""
    yield from _of_trust(card)
    if card.paces:
        yield ""
        yield from columns([PACE, *map(_pace, card.paces)])


def _of_side(side: Side) -> Iterator[str]:
    yield from columns([COMPARED, *map(_compared, (*side.findings, side.together))])
    yield f"  zone scores: {side.scored} compared, weighted kappa {_figure(side.scores)}"
    if side.chosen:
        yield f"  {side.chosen} others were over-read because of their answers, and do not count"
    yield from columns([CURVE, *map(_curve, side.curves)])


def _of_trust(card: Card) -> Iterator[str]:
    if card.trust is None:
        yield "The model's answers: no decision"
        return
    yield f"The model's answers: accepted {_share(card.trust.accepted)}"
    yield f"  accepted where the over-reader states that the model was wrong: {_share(card.trust.accepted_wrong)}"
    yield f"  rejected where the over-reader states that it was right: {_share(card.trust.rejected_right)}"


def _of_group(group: Group | None, least: int) -> Iterator[str]:
    yield ""
    if group is None:
        yield f"All readers together: fewer than {least} blind readers"
        return
    yield f"All {group.readers} blind readers together: zone scores alpha {_figure(group.scores)}, ICC {_figure(group.icc)}"
    yield from columns([("", "Fleiss", "alpha"), *((each.finding, _figure(each.fleiss), _figure(each.alpha)) for each in group.findings)])


def _compared(each: Compared) -> tuple[str, ...]:
    name = "all" if each.finding == "*" else each.finding
    missed, over = each.missed, each.overcalled
    shares = (str(missed.hits), str(missed.of), _figure(missed.share), str(over.hits), str(over.of), _figure(over.share))
    return (name, *shares, _figure(each.agreement.share), _figure(each.kappa))


def _curve(each: Curve) -> tuple[str, ...]:
    zones = "" if each.finding is None else str(each.trials)
    learned = "not yet" if each.learned_at is None else _step(each, each.learned_at)
    alarms = "; ".join(_step(each, step) for step in each.lost_at) or "none"
    return each.protocol, each.finding or IMAGES, zones, str(each.exams), str(each.failed), str(each.untold), learned, alarms


def _step(curve: Curve, step: Step) -> str:
    exam = f"exam {step.exam}"
    return exam if curve.finding is None else f"zone {step.trial}, {exam}"


def _pace(each: Pace) -> tuple[str, ...]:
    bands = (each.minutes, each.site_minutes, each.quality, each.site_quality)
    return each.protocol, str(each.exams), str(each.untimed), *map(_band, bands)


def _band(band: Band | None) -> str:
    return "" if band is None else f"{band.median:g} ({band.low:g} to {band.high:g})"


def _share(share: Share) -> str:
    return f"{share.hits} of {share.of}, {_figure(share.share)}"


def _figure(stated: Stated) -> str:
    if isinstance(stated, NoFigure):
        return stated.sentence
    return f"{stated.value:.2f} ({stated.low:.2f} to {stated.high:.2f})"
