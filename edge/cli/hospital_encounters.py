"""`sonoedge hospital encounters`: who is in the hospital now, as its server answers or as it sent it."""

import json
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.own import own_settings
from edge.cli.progress import TIME, bar
from edge.exchange.encounters.asking import EncountersRefused, ask_encounters
from edge.exchange.encounters.book import Book
from edge.exchange.encounters.cache import load_book
from edge.exchange.encounters.encounter import Encounter
from edge.exchange.peers.file import load_hospital
from edge.exchange.peers.hospital import FhirPeer, Hospital
from edge.exchange.worklist.matching import Finder
from edge.services.encounter_errors import EncountersNotStored
from edge.settings import Settings
from firmware_bridge.errors import NotFound

BAD = 1
"""Exit status where the server does not answer as it should."""


class NoList(NotFound):
    """There is nobody to ask who is in the hospital, and nothing to show."""

    code = "hospital-no-encounters"


def encounters_(
    find: Annotated[str, typer.Argument(metavar="[TEXT]", help="Any part of a name, a patient or admission ID, or a place.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody, and show the last list.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
) -> None:
    """Show who is in the hospital now. Its FHIR server is asked, where it has one; where nobody answers, the last list is shown."""
    settings = own_settings()
    hospital, now = load_hospital(settings.data_dir), datetime.now(timezone.utc)
    peer = hospital.encounters_peer
    book, problem = (None, "") if offline or peer is None else _asked(settings, peer, now)
    book = book or _stored(settings, hospital, problem)
    every = book.open(now)
    found = Finder(every).find(find)
    if as_json:
        received = book.received.isoformat() if book.received else None
        typer.echo(json.dumps({"peer": book.source, "received_at": received, "entries": [asdict(each) for each in found]}))
    else:
        typer.echo("\n".join(_page(book, every, found)))
    if problem:
        typer.echo(f"This is the last list, not a new one. {problem}.", err=True)
    raise typer.Exit(BAD if problem else 0)


def _asked(settings: Settings, peer: FhirPeer, now: datetime) -> tuple[Book | None, str]:
    """The answer, which is stored, or why there is none."""
    try:
        with bar(*TIME) as shown:
            task = shown.add_task(f"asking {peer.name}", total=None)
            return ask_encounters(
                settings.data_dir, peer, now, lambda count: shown.update(task, description=f"asking {peer.name}: {count} encounters")
            ), ""
    except EncountersRefused as error:
        return None, error.what
    except OSError as error:
        what = f"The answer of {peer.name} cannot be stored in {settings.data_dir} ({error.strerror or error})"
        raise EncountersNotStored(what, "Free some room there; --offline shows the last list") from error


def _stored(settings: Settings, hospital: Hospital, problem: str) -> Book:
    """The last list of the source that the hospital has now."""
    known = hospital.admissions is not None or bool(hospital.encounters)
    book = load_book(settings.data_dir) if known else None
    if book is not None and book.source == hospital.encounters:
        return book
    if not known:
        what = f"{settings.data.hospital} names neither admissions nor encounters"
        raise NoList(what, "Write down one of them; docs/hospital.md explains both")
    if hospital.admissions is not None:
        raise NoList("The hospital has not sent any admission yet", "Let it send one while the appliance runs")
    raise NoList(problem or f"No list was stored yet in {settings.data_dir}", "Ask for it with a network: sonoedge hospital encounters")


def _page(book: Book, every: tuple[Encounter, ...], found: tuple[Encounter, ...]) -> list[str]:
    good, bad = [each for each in found if not each.quarantined], [each for each in found if each.quarantined]
    at = f"{book.received:%Y-%m-%d %H:%M} UTC" if book.received else "an unknown time"
    source = f"{book.source} answered on" if book.source else "The hospital sent this, the last of it on"
    head = ("since", "name", "patient ID", "born", "admission", "place")
    table = columns([head, *map(_row, good)]) if good else ["No encounter that can be used."]
    lines = [f"{source} {at}: {len(every)} encounters", *table]
    for each in bad:
        who = f"{each.name or '(no name)'}, admission {each.admission_id or '(none)'}"
        lines.append(f"Quarantined: {who}: {', '.join(each.reasons)}")
    return lines


def _row(encounter: Encounter) -> tuple[str, ...]:
    since = f"{encounter.since[:8]} {encounter.since[8:12]}".strip()
    return since, encounter.name, encounter.patient_id, encounter.birth_date, encounter.admission_id, encounter.place
