"""`sonoedge reread`: reads recorded exams with a candidate release and with the active one, and prints what would change."""

import json
import os
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.machine import MachineOption, machine_of
from edge.cli.model_find import RELEASE, folder_of, settings_and_shelf
from edge.cli.progress import COUNTED, bar, working
from edge.cli.protocol import catalogue
from edge.cli.reread_text import lines_of, record_of
from edge.disk.digest import digest_of
from edge.health.log import set_up_log
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.admission import admit
from edge.inference.choice import decide
from edge.inference.release import ModelRelease
from edge.records.clock import wall
from edge.reread.answer import Outcome, Unread
from edge.reread.clip import RecordedClip, clips_in
from edge.reread.log import RereadLog
from edge.reread.read import THREADS, Job, ReleaseAt, fault_here, read
from edge.reread.summary import summary_of
from edge.settings import Settings
from firmware_bridge.errors import SourceDenied, SourceUnreadable
from firmware_bridge.machine import Machine


def reread(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Exams or recordings of any kind, with subfolders.")],
    release: Annotated[str, typer.Option("--release", metavar="RELEASE", help="The candidate release. " + RELEASE)],
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to save the results; the default is data_dir/reread.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes on this machine; the default is one per core.")] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="URL", help="The scheduler of a Dask cluster, such as tcp://HOST:8786.")] = None,
    machine: MachineOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Read recorded exams again with a candidate release and print what would change. Research use, not a diagnosis.

    The candidate is compared with the active release. Both read the machines on which this site accepted them as they do live. Each result
    is saved at once. If the command stops, run it again to continue.
    """
    if workers is not None and scheduler is not None:
        raise typer.BadParameter("give --workers or --scheduler, not both")
    set_up_log("warning")
    settings, shelf = settings_and_shelf()
    with working("loading both releases"):
        candidate = admit(shelf.trusted(folder_of(shelf, release)), THREADS).release
        old, new = _here(settings, decide(settings.model, shelf, settings.threads).reader.release, candidate)
    folder = folder.resolve()
    plan = _plan(clips_in(folder, catalogue()), old, new, machine_of(machine))
    with RereadLog.opened(out or settings.data.reread / f"{old.ident}--{new.ident}") as log:
        outcomes = _outcomes(plan, log, workers, scheduler)
    pairs = list(zip(plan, outcomes, strict=True))
    readings = [(each.clip, outcome) for each, outcome in pairs if isinstance(each, Job) and isinstance(outcome, Outcome)]
    summary = summary_of(readings, [outcome for outcome in outcomes if isinstance(outcome, Unread)])
    names = {label.key: label.name for label in candidate.findings}
    typer.echo(json.dumps(record_of(folder, old, new, summary)) if as_json else "\n".join(lines_of(old, new, names, summary)))
    if not readings:
        raise SourceUnreadable(f"No clip of {folder} could be read", "The lines above state why")


def _here(settings: Settings, active: ModelRelease, candidate: ModelRelease) -> tuple[ReleaseAt, ReleaseAt]:
    """Both with the acceptances of this site that hold for them; why others do not hold for the active one is on stderr."""
    site, now = Acceptances.of(settings.data_dir), wall()
    for sentence in site.unheard(active.sha256, now):
        typer.echo(sentence, err=True)
    old, new = (ReleaseAt.of(release, site.held(release.sha256, now)) for release in (active, candidate))
    return old, new


def _plan(found: tuple[RecordedClip | Unread, ...], old: ReleaseAt, new: ReleaseAt, machine: Machine | None) -> list[Job | Unread]:
    with bar(*COUNTED) as progress:
        return [_job(each, old, new, machine) for each in progress.track(found, description="searching for earlier results")]


def _job(each: RecordedClip | Unread, old: ReleaseAt, new: ReleaseAt, machine: Machine | None) -> Job | Unread:
    if isinstance(each, Unread):
        return each
    try:
        return Job(each, digest_of(each.path), old, new, machine)
    except OSError as error:
        return Unread(each.name, SourceDenied.code, f"{each.path} cannot be read ({error.strerror})")


def _outcomes(plan: list[Job | Unread], log: RereadLog, workers: int | None, scheduler: str | None) -> list[Outcome | Unread]:
    """The earlier and the new results, in the order of the plan. Each new result is saved at once."""
    before = log.done()
    for number in before.damaged:
        typer.echo(f"{log.path}: line {number} is damaged; its clip is read again", err=True)
    jobs = [each for each in plan if isinstance(each, Job)]
    missing = [job for job in jobs if job.key not in before.outcomes]
    typer.echo(f"clips: {len(plan)}, read before: {len(jobs) - len(missing)}", err=True)
    now = _read_all(missing, log, workers, scheduler) if missing else {}
    return [each if isinstance(each, Unread) else now.get(each.clip.name) or before.outcomes[each.key] for each in plan]


def _read_all(missing: list[Job], log: RereadLog, workers: int | None, scheduler: str | None) -> Mapping[str, Outcome | Unread]:
    """The results by clip name."""
    from edge.reread.cluster import each_done, local, remote  # noqa: PLC0415 - Dask is slow to import, and needed only here

    results = dict[str, Outcome | Unread]()
    cores = min(workers or len(os.sched_getaffinity(0)), len(missing))
    with bar(*COUNTED) as progress:
        task = progress.add_task("starting workers", total=len(missing))
        with remote(scheduler, partial(fault_here, missing[0], version("sonoedge"))) if scheduler is not None else local(cores) as client:
            progress.update(task, description="reading")
            for job, outcome in each_done(client, read, missing, Job.unread):
                if isinstance(outcome, Outcome):
                    log.add(job.key, outcome)
                results[job.clip.name] = outcome
                progress.update(task, advance=1, description=job.clip.name)
    return results
