"""`sonoedge hospital`: the peers of this board's hospital, whether they answer, the worklist, and who is in the hospital."""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.hospital_encounters import encounters_
from edge.cli.own import own_settings
from edge.cli.progress import COUNTED, bar, working
from edge.exchange.peers.file import load_hospital
from edge.exchange.peers.hospital import FhirPeer, Hospital, Peer
from edge.exchange.worklist.asking import ask_worklist
from edge.exchange.worklist.cache import CachedWorklist, load_worklist
from edge.exchange.worklist.entry import WorklistEntry
from edge.exchange.worklist.matching import Finder
from edge.services.worklist_errors import WorklistNotStored
from edge.settings import Settings
from firmware_bridge.errors import NotFound, PeerFault

BAD = 1
"""Exit status where a peer does not answer as it should, or an entry is quarantined."""

app = typer.Typer(help="Show and check the peers of the hospital, its worklist and its patients.", no_args_is_help=True)
app.command("encounters")(encounters_)
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


class PeerUnknown(NotFound):
    """The hospital has no such peer."""

    code = "hospital-peer-unknown"


class NoWorklist(NotFound):
    """There is no worklist to ask for, or to show."""

    code = "hospital-no-worklist"


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the peers that hospital.yaml in the data folder names."""
    settings = own_settings()
    hospital = load_hospital(settings.data_dir)
    if as_json:
        typer.echo(hospital.model_dump_json(indent=2))
        return
    reports = (
        f"reports of commitment to {hospital.listen_host}, port {hospital.listen_port}" if hospital.listen_port else "no port for reports"
    )
    typer.echo(f"This board: AE title {hospital.ae_title}, {reports}")
    if (admissions := hospital.admissions) is not None:
        tls = ", over TLS" if admissions.tls else ""
        senders = ", ".join(admissions.senders)
        typer.echo(f"Admissions: taken at {admissions.listen_host}, port {admissions.listen_port}{tls}, from {senders}")
    if not hospital.peers:
        typer.echo(f"No peers: write them into {settings.data.hospital}")
        return
    rows = [(peer.name, peer.kind, *_place(peer), _used(peer, hospital)) for peer in hospital.peers]
    typer.echo("\n".join(columns([("name", "kind", "address", "security", "used for"), *rows])))


def _place(peer: Peer) -> tuple[str, str]:
    if isinstance(peer, FhirPeer):
        return peer.url, "TLS" if peer.url.startswith("https") else "none"
    title = f"{peer.ae_title} at " if peer.kind == "dicom" else ""
    return f"{title}{peer.host}:{peer.port}", "TLS" if peer.tls else "none"


def _used(peer: Peer, hospital: Hospital) -> str:
    uses = ["worklist"] * (peer.name == hospital.worklist) + ["encounters"] * (peer.name == hospital.encounters)
    uses += ["images and reports", *["commitment"] * peer.commitment] if peer.kind == "dicom" else ["reports"]
    return ", ".join(uses)


@app.command()
def check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One peer; otherwise all of them.")] = None, as_json: AsJson = False
) -> None:
    """Ask each peer for what changes nothing there, and print its answer and what it proves. The exit status is 1 if one is bad."""
    from edge.exchange.peers.check import check_peer  # noqa: PLC0415 - heavy, and wanted here only

    hospital = load_hospital(own_settings().data_dir)
    peers = _chosen(hospital, name)
    with bar(*COUNTED) as progress:
        task = progress.add_task("", total=len(peers))
        found = []
        for peer in peers:
            progress.update(task, description=f"asking {peer.name}")
            found.append((peer, check_peer(peer, hospital)))
            progress.advance(task)
    if as_json:
        rows = [{"peer": peer.name, **asdict(each), "outcome": each.answer.outcome.value} for peer, each in found]
        typer.echo(json.dumps(rows, default=str))
    for peer, each in () if as_json else found:
        typer.echo(f"{peer.name}: {'answers' if each.answer.taken else 'does not work'}. {each.answer.text}.")
        lines = [f"Takes: {', '.join(each.takes)}"] * bool(each.takes) + [f"Does not take: {', '.join(each.refuses)}"] * bool(each.refuses)
        typer.echo("".join(f"  {line}.\n" for line in (*lines, *each.notes)), nl=False)
    raise typer.Exit(BAD if any(not each.answer.taken for _, each in found) else 0)


def _chosen(hospital: Hospital, name: str | None) -> tuple[Peer, ...]:
    if name is None and hospital.peers:
        return hospital.peers
    peer = hospital.named(name or "")
    if peer is None:
        known = ", ".join(each.name for each in hospital.peers)
        raise PeerUnknown(
            f"The hospital has no peer{f' {name}' if name else ''}", f"It has: {known}" if known else "Write it into hospital.yaml"
        )
    return (peer,)


@app.command("worklist")
def worklist_(
    find: Annotated[str, typer.Argument(metavar="[TEXT]", help="Any part of a name, ID or accession number.")] = "",
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; otherwise today.")] = None,
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days.")] = 1,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody, and show the last answer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask for what is scheduled for this board, and store it for times without a network. Where nobody answers, show the last answer."""
    settings = own_settings()
    begin = first.date() if first else datetime.now().astimezone().date()
    found, problem = (None, "") if offline else _asked(settings, begin, begin + timedelta(days=days - 1))
    found = found or load_worklist(settings.data_dir)
    if found is None:
        raise NoWorklist(
            problem or f"No worklist was stored yet in {settings.data_dir}", "Ask for it with a network: sonoedge hospital worklist"
        )
    entries = Finder(found.entries).find(find)
    if as_json:
        typer.echo(json.dumps({"peer": found.peer, "asked_at": found.asked_at.isoformat(), "entries": [asdict(each) for each in entries]}))
    else:
        typer.echo("\n".join(_page(found, entries)))
    if problem:
        typer.echo(f"This is the last answer, not a new one. {problem}.", err=True)
    raise typer.Exit(BAD if problem else 0)


def _asked(settings: Settings, first: date, last: date) -> tuple[CachedWorklist | None, str]:
    """The answer, which is stored, or why there is none."""
    hospital = load_hospital(settings.data_dir)
    peer = hospital.worklist_peer
    if peer is None:
        return None, f"No worklist server: name one as `worklist` in {settings.data.hospital}"
    try:
        with working(f"asking {peer.name}"):
            return ask_worklist(settings.data_dir, hospital, peer, (first, last), datetime.now(timezone.utc)), ""
    except PeerFault as error:
        return None, error.what
    except OSError as error:
        what = f"The worklist of {peer.name} cannot be stored in {settings.data_dir} ({error.strerror or error})"
        raise WorklistNotStored(what, "Free some room there; --offline shows the last worklist") from error


def _page(found: CachedWorklist, entries: tuple[WorklistEntry, ...]) -> list[str]:
    good, bad = [each for each in entries if not each.quarantined], [each for each in entries if each.quarantined]
    asked = f"{found.peer} answered on {found.asked_at:%Y-%m-%d %H:%M} UTC, for {found.first} to {found.last}: {len(found.entries)} entries"
    head = ("when", "name", "patient ID", "born", "accession", "step")
    lines = [asked, *(columns([head, *map(_row, good)]) if good else ["No entry that can be used."])]
    for each in bad:
        lines.append(f"Quarantined: {each.name or '(no name)'}, patient ID {each.patient_id or '(none)'}: {', '.join(each.reasons)}")
    return lines


def _row(entry: WorklistEntry) -> tuple[str, ...]:
    when = f"{entry.date} {entry.time[:4]}".strip()
    return when, entry.name, entry.patient_id, entry.birth_date, entry.accession, entry.step or entry.requested
