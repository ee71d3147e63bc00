"""The services are the only way in: each public method takes the actor first, and refuses by itself an actor who is not allowed."""

import importlib
import inspect
import pkgutil
import re
import typing
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from edge import services
from edge.appliance import Appliance
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, SHELL_ACTOR, Actor, Grant, NotAllowed, NotSignedIn
from edge.people.permission import APPLIANCE, Permission, Role, Verb
from edge.people.policy import SitePolicy
from edge.services.acceptance import AcceptanceService
from edge.services.export import ExportService
from edge.services.label import LabelService
from edge.services.log import LOG
from edge.services.release_change import ReleaseChange
from edge.services.review import ReviewRule
from edge.services.stick import StickService
from edge.services.training_set import TrainingSetService
from edge.settings import Settings
from provisioning.site.opened import Site
from tests.edge.services.calls import CALLS, EXAM, KEYWORDS, NO_ACTOR, OPEN, RECORD

EDGE = Path(services.__path__[0]).parent
POWERLESS = Actor("of no known kind", "a person without any grant")


def classes():
    """Every service: a class of `edge.services` that is neither an error nor a value."""
    for module in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(each) and each.__module__ == module.name and not issubclass(each, Exception) and not is_dataclass(each):
                yield each


def methods():
    for each in classes():
        yield from ((f"{each.__name__}.{name}", value) for name, value in vars(each).items() if not name.startswith("_"))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A claimed appliance on which an exam is taken: the services by the names of their classes, and the exam's id."""
    with Appliance(Settings(port=0, data_dir=tmp_path_factory.mktemp("data"), threads=1)) as appliance:
        appliance.people.claim(SHELL_ACTOR, "boss", "Boss", "482915")
        exam = appliance.exam.begin(Actor("operator", "Sara", None, (Grant(Role.SCAN),)), "blue-6")
        there = [getattr(appliance, name) for name in ("audit", "exam", "live", "models", "notices", "people", "probe_checks", "worklist")]
        there += [getattr(appliance, name) for name in ("records", "outbox", "recording", "reports", "reviews", "source", "trial")]
        book = appliance.exam.book
        there += [book, book.patients, appliance.exam.protocols, appliance.exam.control, appliance.people.sign_in]
        stored = StoredExams(appliance.store, appliance.settings.data.exams)
        there += [ExportService(stored, list), LabelService(stored, load_catalogue()), TrainingSetService(stored, bytes)]
        there += [StickService(stored, load_catalogue(), appliance.settings.data, lambda _: None, lambda *_: None)]
        there += [appliance.models.ledger]
        there += [AcceptanceService.of(appliance.store), LOG, appliance.changeable, appliance.slots, appliance.likelihood, appliance.sticks]
        there += [appliance.encounters, appliance.discordance, appliance.outcomes, appliance.cards]
        there += [appliance.course, appliance.course_work, appliance.performance, appliance.drift]
        there += [ReleaseChange(Shelf.of(appliance.settings.data_dir), appliance.store, 1)]
        yield {type(each).__name__: each for each in there}, exam


def call(running, name, actor):
    made, exam = running
    service, method = name.split(".")
    stands_for = {EXAM: exam.id, RECORD: exam}
    arguments = [stands_for.get(each, each) if type(each) is object else each for each in CALLS[name]]
    return getattr(made[service], method)(actor, *arguments, **KEYWORDS.get(name, {}))


def test_every_public_method_of_every_service_is_known_here():
    named = [*CALLS, *NO_ACTOR]
    assert sorted(named) == sorted(set(named))
    unchecked = {name for name, _ in methods()} - set(named)
    print(f"services that can be reached without an actor check: {len(unchecked)}")
    assert unchecked == set()
    assert set(named) <= {name for name, _ in methods()}


def test_no_router_and_no_viewer_reaches_past_the_services_to_the_store():
    routers = [*(EDGE / "api").glob("*/*.py"), *(EDGE / "viewers").glob("*.py")]
    assert len(routers) > 25
    assert [path.name for path in routers if re.search(r"\.store\b", path.read_text())] == []


def test_a_service_hands_out_other_services_and_values_and_nothing_that_reads_records(running):
    known = (*classes(), SitePolicy, ReviewRule, Site, type(None))
    handed = {(name, each): value for name, service in running[0].items() for each, value in vars(service).items() if each[0] != "_"}
    assert handed
    assert [name for name, value in handed.items() if not isinstance(value, known)] == []


def test_each_takes_the_actor_first():
    for name, method in methods():
        if name in CALLS:
            first = list(inspect.signature(method).parameters.values())[1]
            assert (first.name, typing.get_type_hints(method)[first.name]) == ("actor", Actor), name


@pytest.mark.parametrize("name", CALLS)
def test_an_actor_without_any_grant_is_refused(running, name):
    with pytest.raises(NotAllowed):
        call(running, name, POWERLESS)


@pytest.mark.parametrize("name", sorted(set(CALLS) - OPEN))
def test_a_person_who_has_not_signed_in_is_asked_to(running, name):
    with pytest.raises(NotSignedIn):
        call(running, name, NOBODY_ACTOR)


def test_the_appliance_itself_may_serve_and_scan_and_nothing_of_a_person():
    assert {verb for verb in Verb if APPLIANCE_ACTOR.permission(verb) is not Permission.DENY} == {Verb.LOOK, Verb.SCAN, Verb.SERVE}


def test_nobody_who_signs_in_becomes_the_appliance(running):
    made, _ = running
    people = made["PeopleService"]
    boss = Actor("operator", "Boss", "boss", (Grant(Role.ADMIN),))
    people.enrol(boss, APPLIANCE, APPLIANCE, "482915")
    actor = people.sign_in.begin(NOBODY_ACTOR, APPLIANCE, "482915", "192.0.2.1").actor
    assert (actor.kind == APPLIANCE, actor.permission(Verb.SERVE)) == (False, Permission.DENY)
