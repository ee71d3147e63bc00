"""The figures as a service: who sees them, the work in its own process, a restart, a damaged file, and the site's own figures."""

import time
from datetime import timedelta

import pytest

from edge.disk.layout import DataFolder
from edge.feedback.performance.compute import performance_of
from edge.feedback.performance.figures import Performance
from edge.feedback.performance.stored import StoredPerformance
from edge.inference.acceptance.limits import PATIENTS
from edge.people.actor import Actor, Grant, NotAllowed
from edge.people.permission import Role
from edge.services.background import Background
from edge.services.busy import ApplianceBusy
from edge.services.performance import RENEWED_AFTER, PerformanceService
from tests.edge.feedback.performance.clinic import HAND_COUNTED, SIDES, SmallClinic

PATIENCE_S = 240
READER = Actor("operator", "Almaz", None, (Grant(Role.INTERPRET),))
OF_RUSH = Actor("operator", "Sara", None, (Grant(Role.INTERPRET, "rush-14"),))
SERVICE = Actor("operator", "Abebe", None, (Grant(Role.SERVICE),))


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    made = SmallClinic(tmp_path_factory.mktemp("data"))
    for model, reader in HAND_COUNTED:
        made.one(model, reader)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def computed(clinic):
    return clinic.performance()


@pytest.fixture
def service(clinic):
    DataFolder(clinic.folder).performance.unlink(missing_ok=True)
    background = Background()
    yield PerformanceService(clinic.store, DataFolder(clinic.folder), background)
    background.close()


def wait(service):
    end = time.monotonic() + PATIENCE_S
    while service.work(READER).running:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_figures_are_computed_on_request_and_survive_a_restart(service, clinic, computed):
    assert service.figures(READER) is None
    service.compute(READER)
    wait(service)
    assert not service.work(READER).failed
    again = PerformanceService(clinic.store, DataFolder(clinic.folder), Background())
    assert again.figures(READER).groups == computed.groups


def test_a_damaged_file_counts_as_not_computed(service, clinic, computed):
    path = DataFolder(clinic.folder).performance
    StoredPerformance(path).put(computed)
    assert service.figures(READER) == computed
    path.write_bytes(path.read_bytes()[:-40])
    assert service.figures(READER) is None
    path.write_text('{"method": 99}')
    assert service.figures(READER) is None


def test_who_reads_other_protocols_only_sees_no_figure_of_this_one(service, clinic, computed):
    StoredPerformance(DataFolder(clinic.folder).performance).put(computed)
    assert [each.protocol for each in service.figures(READER).groups] == ["blue-6"]
    assert service.figures(OF_RUSH).groups == ()


def test_who_has_no_part_in_exams_neither_sees_nor_computes(service):
    for act in (service.figures, service.work, service.compute):
        with pytest.raises(NotAllowed):
            act(SERVICE)


def test_a_stopped_service_begins_nothing(clinic):
    background = Background()
    service = PerformanceService(clinic.store, DataFolder(clinic.folder), background)
    background.close()
    service.look()
    with pytest.raises(ApplianceBusy):
        service.compute(READER)
    assert not service.work(READER).running


@pytest.mark.parametrize(("age", "begins"), [(timedelta(hours=1), False), (RENEWED_AFTER + timedelta(minutes=1), True)])
def test_figures_that_are_older_than_a_day_and_the_records_are_computed_again(service, clinic, computed, age, begins):
    old = computed.model_copy(update={"at": clinic.store.now() - age})
    StoredPerformance(DataFolder(clinic.folder).performance).put(old)
    service.look()
    assert service.work(READER).running is begins
    wait(service)


def test_the_sites_own_figures_count_each_patient_once(service, clinic):
    assert service.own("acute heart failure") is None
    for number in range(12):
        ill = number < 6
        exam = clinic.one("present" if ill else "absent", zones=SIDES, patient=40 + number)
        clinic.turned_out(exam, ill)
    clinic.turned_out(clinic.one("absent", zones=SIDES, patient=40), present=True)  # a second exam of the first patient
    (*_, found) = performance_of(clinic.store, clinic.catalogue)
    assert isinstance(found, Performance)
    StoredPerformance(DataFolder(clinic.folder).performance).put(found)
    own = service.own("acute heart failure")
    assert (own.with_it, own.without_it, own.sensitivity, own.specificity) == (6, 6, 1, 1)
    assert "Butterfly iQ3" in own.where
    assert f"{PATIENTS.least:g} of each are needed" in own.why_not
