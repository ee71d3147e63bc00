"""What `sonoedge feedback replay` prints: the dashboard of the ward, the error rates that it found, and how to see it in the browser."""

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.bench.ward.recovered import Recovered, all_passed
from edge.bench.ward.staff import ADMIN, LABELS, OPERATOR, READER
from edge.bench.ward.stage import site_of
from edge.bench.ward.ward import Dashboard, Played, Ward
from edge.cli.columns import columns
from edge.feedback.agreement import LEAST
from edge.feedback.people.figures import Card, Share, Side
from edge.feedback.performance.figures import Judged
from edge.feedback.statistics.figure import NoFigure, Stated
from edge.notice import NOTICE

BADGES = (ADMIN, OPERATOR, READER, LABELS)
MATRIX = ("true_present", "false_present", "false_absent", "true_absent", "unanswered")
JUDGED = ("the model", *(name.replace("_", " ") for name in MATRIX), "sensitivity", "specificity", "AUC")
PEOPLE = ("the people", "exams", "missed", "overcalled", "agreement", "kappa")
RATES = ("the error rates", "", "", "known", "made", "found", "95 % interval", "known rate in it")
WITHIN = {True: "yes", False: "no", None: "no figure"}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A ward that was played into `data_dir` with a `release`."""

    ward: Ward
    played: Played
    found: Dashboard
    release: str
    data_dir: Path

    @property
    def run(self) -> str:
        """The command that shows it."""
        return f"SONOEDGE_DATA_DIR={shlex.quote(str(self.data_dir))} sonoedge run"

    @property
    def passed(self) -> bool:
        return all_passed(self.found.recovered)


def lines_of(replayed: Replayed) -> Iterator[str]:
    """The text for people."""
    ward, played, found = replayed.ward, replayed.played, replayed.found
    about = ward.about
    yield f"{site_of(about)}: {played.exams} exams of recorded patients with {played.zones} zones. {NOTICE.capitalize()}."
    yield f"Source: {about.source}"
    read = "every frame" if ward.every == 1 else f"1 of {ward.every} frames"
    yield f"Read by {replayed.release}, {read}. Clips of a zone with a better one: {played.spare}. Unreadable clips: {len(played.unread)}"
    yield from (f"  {each}" for each in played.unread)
    yield ""
    yield from columns([JUDGED, *(_judged(each) for group in found.performance.groups for each in group.judged)])
    left = [(why, count) for group in found.performance.groups for why, count in group.left.items()]
    yield from (f"{'fewer than ' + str(LEAST) if count is None else count} not used: {why.value}" for why, count in left)
    yield from (f"{text}." for text in (about.note,) if text)
    yield ""
    yield from columns([PEOPLE, *(row for name, card in found.cards.items() for row in _card(name, card))])
    yield ""
    yield from columns([RATES, *map(_rate, found.recovered)])
    yield from _verdict(found.recovered)
    yield ""
    yield f"The page shows it: {replayed.run}"
    yield f"Sign in as one of {', '.join(BADGES)} with the PIN {played.staff.pin}."
    yield "The clips stay under their licence: do not pass this folder on." if ward.with_clips else "The page has no films without --clips."


def record_of(replayed: Replayed) -> dict[str, object]:
    """The same for machines; the keys are stable."""
    ward, played, found = replayed.ward, replayed.played, replayed.found
    return {
        "ward": ward.about.model_dump(include={"id", "name", "source", "note", "machine", "protocol"}),
        "site": site_of(ward.about),
        "release": replayed.release,
        "every": ward.every,
        "exams": played.exams,
        "zones": played.zones,
        "spare": played.spare,
        "unread": list(played.unread),
        "performance": found.performance.model_dump(mode="json"),
        "cards": {name: card.model_dump(mode="json") for name, card in found.cards.items()},
        "rates": [
            {**asdict(each), "error": each.error.value, "share": _ready(each.share), "passed": each.passed} for each in found.recovered
        ],
        "passed": replayed.passed,
        "data_dir": str(replayed.data_dir),
        "run": replayed.run,
        "sign_in": {"badges": list(BADGES), "pin": played.staff.pin},
        "notice": NOTICE,
    }


def _ready(figure: Stated) -> dict[str, object]:
    return {"why": figure.why.value, "sentence": figure.sentence} if isinstance(figure, NoFigure) else asdict(figure)


def _judged(judged: Judged) -> tuple[str, ...]:
    what = f"{judged.finding} in zones" if judged.kind == "zone" else f"{judged.finding} in exams, for {judged.condition}"
    counts = [getattr(judged.shares.counts, name, None) for name in MATRIX]
    shown = (f"<{LEAST}" if each is None else str(each) for each in counts)
    return (what, *shown, _figure(judged.shares.sensitivity), _figure(judged.shares.specificity), _figure(judged.scores.auc))


def _card(name: str, card: Card) -> Iterator[tuple[str, ...]]:
    for part, side in (("as operator", card.operator), ("as reader", card.reader)):
        if side is not None:
            yield from _side(f"{name} {part}", side)


def _side(who: str, side: Side) -> Iterator[tuple[str, ...]]:
    for each in (side.together, *side.findings):
        compared = (_share(each.missed), _share(each.overcalled), _share(each.agreement), _figure(each.kappa))
        yield (who, str(side.exams), *compared) if each is side.together else (f"  {each.finding}", "", *compared)


def _rate(rate: Recovered) -> tuple[str, ...]:
    found = f"{rate.hits} of {rate.of}"
    return (
        rate.reader,
        rate.finding,
        rate.error.value,
        f"{rate.known:.2f}",
        str(rate.made),
        found,
        _figure(rate.share),
        WITHIN[rate.within],
    )


def _verdict(rates: tuple[Recovered, ...]) -> Iterator[str]:
    within = [each.within for each in rates if each.within is not None]
    yield f"{sum(within)} of {len(within)} known rates lie in their 95 % interval; {len(rates) - len(within)} have no interval."
    yield "About one in 20 lies outside by chance. A replay fails only where the counts are not those of the errors made, or where a rate"
    yield f"lies outside the exact interval that holds for all {len(rates)} together."
    for each in rates:
        if not each.passed:
            where = f"{each.reader}, {each.finding}, {each.error.value}"
            interval = f"{each.low:.2f} to {each.high:.2f}"
            yield f"FAILED: {where}: {each.hits} found, {each.made} made, known {each.known:.2f}, interval {interval}"
    if all_passed(rates):
        yield "Passed: the feedback finds the error rates."


def _share(share: Share) -> str:
    return f"{share.hits} of {share.of}"


def _figure(stated: Stated) -> str:
    return stated.sentence if isinstance(stated, NoFigure) else f"{stated.value:.2f} ({stated.low:.2f} to {stated.high:.2f})"
