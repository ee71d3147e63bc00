"""`sonoedge feedback recalibration`: whether another calibration would be better here. A person accepts it, or nothing changes."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.cli.model_find import settings_and_shelf
from edge.cli.progress import counted_exams, working
from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.recalibration.collect import Collected, OfMachine, collected_of
from edge.feedback.recalibration.propose import NoRefit, Refit, refits
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.choice import decide
from edge.inference.release import ModelRelease
from edge.inference.statistics import Estimate
from edge.notice import NOTICE
from firmware_bridge.machine import Machine

HEAD = ("", "Brier score in use", "refitted", "change", "ECE in use", "refitted", "proposal")
PROPOSED = "proposed"
NOTHING_CHANGES = (
    "Nothing is changed by this. The acceptance reads the recordings again, judges them itself, and needs a person with a PIN."
)


@dataclass(frozen=True, slots=True)
class _Machine:
    """What was found on one scanner; `accepted` is the id of the acceptance whose calibration is in use there, empty: the release's own."""

    name: str
    cases: OfMachine
    accepted: str
    refits: Sequence[Refit | NoRefit]

    @property
    def next_step(self) -> str:
        """The command of the acceptance; empty where nothing is proposed."""
        proposed = any(isinstance(each, Refit) and not each.why_not for each in self.refits)
        return shlex.join(("sonoedge", "model", "accept", "--exams", "--machine", self.name)) if proposed else ""


def recalibration(as_json: AsJson = False) -> None:
    """Print whether the calibration in use could be better for the cases of this site, as a proposal. Research use, not a diagnosis.

    Nothing is changed: the command that accepts a proposal is printed.
    """
    settings, shelf = settings_and_shelf()
    with records() as store:
        with working("loading the model"):
            release = decide(settings.model, shelf, settings.threads).reader.release
        found = counted_exams(collected_of(store, release.ident))
        acceptances, now = Acceptances.of(settings.data_dir), store.now()
        with working("judging"):
            machines = [_judged(release, name, found.machines[name], acceptances, now) for name in sorted(found.machines)]
    ready = _ready(release, found, machines)
    typer.echo(json.dumps(ready) if as_json else "\n".join(_lines(release, found, machines)))


def _judged(release: ModelRelease, name: str, cases: OfMachine, acceptances: Acceptances, now: datetime) -> _Machine:
    accepted = acceptances.holding(release.sha256, Machine.named(name), now)
    labels = release.findings if accepted is None else accepted.labels(release.findings)
    return _Machine(name, cases, "" if accepted is None else accepted.id, refits(labels, release.alpha, cases.clips))


def _ready(release: ModelRelease, found: Collected, machines: Sequence[_Machine]) -> dict[str, object]:
    """For machines; the keys are stable."""
    left = {why.name.lower(): shown_count(count) for why, count in found.left.items() if count}
    return {"release": release.ident, "machines": [_machine(each) for each in machines], "left": left, "notice": NOTICE}


def _machine(of: _Machine) -> dict[str, object]:
    cases = {"clips": len(of.cases.read), "patients": of.cases.patients, "blind": of.cases.blind, "in_view": of.cases.in_view}
    counts = {name: shown_count(count) for name, count in cases.items()}
    findings = {each.label.key: _finding(each) for each in of.refits}
    return {"machine": of.name, "acceptance": of.accepted or None, **counts, "findings": findings, "next_step": of.next_step or None}


def _finding(of: Refit | NoRefit) -> Mapping[str, object]:
    about = {"proposed": not of.why_not, "why_not": of.why_not or None}
    if isinstance(of, NoRefit):
        return about
    scores = {"brier": asdict(of.brier), "brier_change": asdict(of.change), "ece": asdict(of.ece)}
    in_use = {"slope": of.label.slope, "offset": of.label.offset}
    return {**about, **scores, "in_use": in_use, "refitted": {"slope": of.fitted.slope, "offset": of.fitted.offset}}


def _lines(release: ModelRelease, found: Collected, machines: Sequence[_Machine]) -> Iterator[str]:
    yield f"The calibration of {release.ident} for the cases of this site. {NOTICE.capitalize()}."
    for each in machines:
        yield ""
        yield from _of_machine(each)
    if not machines:
        yield "No reader has labelled a clip that this release answered."
    if any(found.left.values()):
        yield ""
        yield from (f"{_count(count)} labels are not used: {why.value}" for why, count in found.left.items() if count)
    yield ""
    yield NOTHING_CHANGES


def _of_machine(of: _Machine) -> Iterator[str]:
    cases = of.cases
    yield f"{of.name}: {_count(len(cases.read))} clips of {_count(cases.patients)} patients"
    yield f"labels: {_count(cases.blind)} read blind, {_count(cases.in_view)} with the model's answer in view"
    yield f"in use: {f'acceptance {of.accepted}' if of.accepted else 'the calibration of the release'}"
    yield from columns([HEAD, *(_row(each) for each in of.refits)])
    if of.next_step:
        yield f"Next step: {of.next_step}"


def _row(of: Refit | NoRefit) -> tuple[str, ...]:
    if isinstance(of, NoRefit):
        return (of.label.name, "", "", "", "", "", f"no: {of.why_not}")
    pairs = (of.brier.before, of.brier.after, of.change, of.ece.before, of.ece.after)
    return (of.label.name, *(_figure(each) for each in pairs), f"no: {of.why_not}" if of.why_not else PROPOSED)


def _figure(of: Estimate) -> str:
    return f"{of.value:.3f} ({of.low:.3f} to {of.high:.3f})"


def _count(count: int) -> str:
    shown = shown_count(count)
    return f"fewer than {LEAST}" if shown is None else str(shown)
