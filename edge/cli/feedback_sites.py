"""`sonoedge feedback sites`: how well the model does at several sites, each and together. Only counts travel."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.cli.progress import COUNTED, bar
from edge.feedback.sites.errors import SitesRefused
from edge.feedback.sites.pooled import PooledShare, PooledSubject, pooled, twice
from edge.feedback.sites.read import SiteAt, SiteProblem, read_site
from edge.feedback.sites.statistics import METHOD, SHARES, SiteStatistics
from edge.feedback.statistics.figure import NoFigure, Stated
from edge.inference.shown import percent
from edge.notice import NOTICE

EXIT_INCOMPLETE = 1
SAME_SITE = "same-site"
SITE = "A data folder, a folder of backups, or a file of sonoedge feedback figures --export."

LEGEND = (
    "Together: all patients as those of one site; a patient of two sites counts twice. Average site: random effects.",
    "I2: the part of the differences between sites that chance does not explain; of fewer than five sites it is uncertain.",
    "The AUC of all sites together is approximate.",
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The sites by name, in the order in which they were given, and those that are left out."""

    sites: Mapping[str, SiteStatistics]
    problems: Sequence[SiteProblem]


def sites(
    given: Annotated[list[Path], typer.Argument(metavar="SITE...", help=SITE)],
    scheduler: Annotated[str | None, typer.Option(metavar="URL", help="The scheduler of a Dask cluster, such as tcp://HOST:8786.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print how well the model does at several sites, each and together. Research use, not a diagnosis.

    Records are read, and never an image. The exit status is 1 if a site is left out; stderr names it and states why.
    """
    found = _usable(_read_all([SiteAt(path.resolve()) for path in dict.fromkeys(given)], scheduler))
    for each in found.problems:
        typer.echo(f"{each.site} is left out: {each.problem}", err=True)
    if not found.sites:
        raise SitesRefused("No site gave statistics", "The lines above state why")
    subjects = pooled(found.sites)
    typer.echo(json.dumps(_ready(found, subjects)) if as_json else "\n".join(_lines(found, subjects)))
    if found.problems:
        raise typer.Exit(EXIT_INCOMPLETE)


def _read_all(wanted: Sequence[SiteAt], scheduler: str | None) -> Mapping[SiteAt, SiteStatistics | SiteProblem]:
    """Here one after another, or on the cluster; in the order in which they are wanted."""
    results: dict[SiteAt, SiteStatistics | SiteProblem] = {}
    with bar(*COUNTED) as progress:
        task = progress.add_task("sites", total=len(wanted))
        for at, result in ((at, read_site(at)) for at in wanted) if scheduler is None else _on_cluster(wanted, scheduler):
            results[at] = result
            progress.update(task, advance=1, description=at.path.name)
    return {at: results[at] for at in wanted}


def _on_cluster(wanted: Sequence[SiteAt], scheduler: str) -> Iterator[tuple[SiteAt, SiteStatistics | SiteProblem]]:
    from edge.reread.cluster import each_done, remote  # noqa: PLC0415 - Dask is slow to import, and needed only here
    from edge.reread.read import other_program  # noqa: PLC0415 - so is the model runtime

    with remote(scheduler, partial(other_program, version("sonoedge"))) as client:
        yield from each_done(client, read_site, wanted, SiteAt.unread)


def _usable(results: Mapping[SiteAt, SiteStatistics | SiteProblem]) -> _Found:
    """A site that is given twice counts once."""
    problems = [each for each in results.values() if isinstance(each, SiteProblem)]
    read = {str(at.path): each for at, each in results.items() if isinstance(each, SiteStatistics)}
    repeated = {again: SiteProblem(again, SAME_SITE, f"It is the same site as {first}") for first, again in twice(read)}
    return _Found({name: each for name, each in read.items() if name not in repeated}, [*problems, *repeated.values()])


def _ready(found: _Found, subjects: Sequence[PooledSubject]) -> dict[str, object]:
    """For machines; the keys are stable."""
    about = {name: {"site": each.site, "at": each.at.isoformat(), "exams": each.exams} for name, each in found.sites.items()}
    left = [asdict(each) for each in found.problems]
    return {"method": METHOD, "sites": about, "left_out": left, "judged": [_subject(each) for each in subjects], "notice": NOTICE}


def _subject(of: PooledSubject) -> dict[str, object]:
    return {**asdict(of.subject), "shares": {name: _share(share) for name, share in of.shares.items()}, "scores": asdict(of.scores)}


def _share(of: PooledShare) -> dict[str, object]:
    sites = {name: _stated(each) for name, each in of.sites.items()}
    between = None if of.between is None else {**asdict(of.between), "average": _stated(of.between.average)}
    return {"sites": sites, "together": _stated(of.together), "between": between}


def _stated(of: Stated) -> dict[str, object]:
    return {"why": of.why.value, "sentence": of.sentence} if isinstance(of, NoFigure) else asdict(of)


def _lines(found: _Found, subjects: Sequence[PooledSubject]) -> Iterator[str]:
    count = len(found.sites)
    yield f"The model at {count} site{'' if count == 1 else 's'}. {NOTICE.capitalize()}."
    for subject in subjects:
        yield ""
        yield from columns([_head(subject), *_rows(subject)])
    if not subjects:
        yield "No site has a case."
    yield ""
    yield from LEGEND


def _head(of: PooledSubject) -> tuple[str, ...]:
    against = f"for {of.subject.condition}" if of.subject.kind == "exam" else "in zones"
    return (f"{of.subject.finding} {against}", *SHARES, "AUC")


def _rows(of: PooledSubject) -> Iterator[tuple[str, ...]]:
    for site in of.shares[SHARES[0]].sites:
        ranked = of.scores.sites.get(site)
        yield (f"  {site}", *(_figure(of.shares[name].sites[site]) for name in SHARES), _figure(ranked) if ranked else "")
    auc = "" if of.scores.auc is None else f"about {of.scores.auc:.2f}"
    yield ("  together", *(_figure(of.shares[name].together) for name in SHARES), auc)
    between = [of.shares[name].between for name in SHARES]
    yield ("  average site", *("" if each is None else _figure(each.average) for each in between), "")
    yield ("  lowest to highest", *("" if each is None else f"{each.lowest:.2f} to {each.highest:.2f}" for each in between), "")
    yield ("  I2", *("" if each is None else f"{percent(each.i_squared)} %" for each in between), "")


def _figure(of: Stated) -> str:
    return of.sentence if isinstance(of, NoFigure) else f"{of.value:.2f} ({of.low:.2f} to {of.high:.2f})"
