"""`sonoedge feedback replay`: a folder of recorded patients becomes a ward, and the feedback finds the errors of its simulated readers."""

import json

import pytest

from edge.disk.layout import DataFolder
from edge.feedback.people.stored import StoredCards
from edge.feedback.performance.stored import StoredPerformance
from edge.people.actor import SHELL_ACTOR
from edge.people.pin import Parameters
from edge.records.exams.exams import Exams
from edge.records.notices import Notices
from edge.records.outcomes.outcomes import Outcomes
from edge.records.store import Store
from edge.services.audit import AuditService, silent
from tests.edge.bench.ward.made import make_folder

PATIENTS, ZONES = 6, 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_folder(tmp_path_factory.mktemp("data") / "blues")


@pytest.fixture(scope="module")
def cheap_pins():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edge.people.pin_tuning.tune", lambda: Parameters(1, 8))
        yield


@pytest.fixture(scope="module")
def played(folder, tmp_path_factory, sonoedge, cheap_pins):
    """The data folder of a replay, and what it printed."""
    data = tmp_path_factory.mktemp("ward") / "data"
    done = sonoedge("feedback", "replay", folder, "--data-dir", data, "--clips", "--every", 2, "--miss", "0.5,0", "--json")
    assert done.returncode == 0, done.stderr
    return DataFolder(data), json.loads(done.stdout)


@pytest.fixture
def store(played):
    store = Store.open(played[0].root)
    yield store
    store.close()


def test_every_patient_is_a_signed_exam_of_a_marked_site_that_is_not_simulated(played, store):
    exams = Exams(store).newest()
    assert len(exams) == played[1]["exams"] == PATIENTS
    assert {(exam.state, exam.site, exam.simulated) for exam in exams} == {("final", "REPLAY of COVID-BLUES", False)}
    assert [exam.patient.identifier for exam in exams] == [f"blues_p{number:02}" for number in range(PATIENTS, 0, -1)]
    assert len({exam.begun_at.date() for exam in exams}) == PATIENTS / 2
    assert len({exam.patient.name for exam in exams}) == PATIENTS
    assert exams[-1].context.respiratory_rate.value == 20
    assert exams[-1].context.spo2 is None


def test_the_pages_state_that_it_is_a_replay(store):
    (notice,) = Notices(store).unseen()
    assert (notice.code, "recorded clips" in notice.what) == ("ward-replayed", True)


def test_the_model_states_what_it_read_and_each_zone_has_its_clip(played, store):
    data, printed = played
    exams = Exams(store)
    exam = exams.newest(1)[0]
    assert {finding.release for finding in exams.findings(exam.id)} == {printed["release"]}
    assert len(exams.clips(exam.id)) == ZONES
    for clip in exams.clips(exam.id):
        assert (data.exams / exam.folder / clip.file).stat().st_size == clip.bytes
        assert (clip.first, clip.last, clip.assessment.frames) == (0, 6, 4)
        assert clip.machine.startswith("Philips Lumify")


def test_the_reference_test_is_an_outcome(store):
    outcomes = Outcomes(store).of_patients()
    assert [each.present for each in outcomes] == [number % 2 == 0 for number in range(1, PATIENTS + 1)]
    assert {(each.condition, each.reference) for each in outcomes} == {("covid-19", "laboratory")}


def test_the_rates_found_are_those_of_the_errors_made(played):
    rates = played[1]["rates"]
    assert len(rates) == 2 * 2 * 3
    assert all(each["hits"] == each["made"] and each["passed"] for each in rates)
    assert {each["of"] for each in rates} == {PATIENTS * ZONES // 2}
    missed = [each["hits"] for each in rates if each["error"] == "missed"]
    assert all(missed[:3])
    assert missed[3:] == [0, 0, 0]


def test_the_dashboard_is_stored_for_the_page(played):
    data, printed = played
    assert StoredPerformance(data.performance).get().model_dump(mode="json") == printed["performance"]
    assert [card.model_dump(mode="json") for card in StoredCards(data.cards).get().cards.values()] != []
    assert printed["performance"]["groups"][0]["exams"] == PATIENTS


def test_the_records_are_whole(store):
    assert AuditService(store).verify(SHELL_ACTOR, silent).fault is None


def test_it_prints_how_to_see_it_and_which_clip_it_could_not_read(tmp_path, sonoedge, cheap_pins):
    folder = make_folder(tmp_path / "blues", patients=2, zones=("L1", "R1"))
    (folder / "lus_videos" / "patient_2_R1.mcap").write_bytes(b"nothing")
    done = sonoedge("feedback", "replay", folder, "--data-dir", tmp_path / "a ward", "--every", 4)
    assert done.returncode == 0, done.stderr
    assert f"SONOEDGE_DATA_DIR='{tmp_path}/a ward' sonoedge run" in done.stdout
    assert "Unreadable clips: 1" in done.stdout
    assert f"{folder}/lus_videos/patient_2_R1.mcap" in done.stdout
    for text in ("REPLAY of COVID-BLUES: 2 exams of recorded patients with 3 zones. Research use, not a diagnosis.", "without --clips"):
        assert text in done.stdout
    for text in (
        "learnt from these clips",
        "Fewer than 5 patients: too few for a figure",
        "Passed: the feedback finds the error rates.",
        "12 have no interval",
    ):
        assert text in done.stdout


@pytest.mark.parametrize("words", [("--miss", "0.1"), ("--miss", "0.1,2"), ("--overcall", "a,b"), ("--overcall", "nan,0")])
def test_rates_that_are_no_shares_are_refused(folder, sonoedge, words):
    done = sonoedge("feedback", "replay", folder, *words)
    assert done.returncode == 2
    assert "two shares from 0 to 1" in " ".join(done.stderr.replace("│", " ").split())


def test_a_folder_that_does_not_fit_is_refused_and_no_data_folder_is_made(tmp_path, sonoedge):
    done = sonoedge("feedback", "replay", tmp_path, "--data-dir", tmp_path / "data")
    assert done.returncode == 2
    assert f"{tmp_path} has no manifest.csv" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_records_of_an_appliance_are_refused(folder, tmp_path, sonoedge):
    Store.open(tmp_path / "data").close()
    done = sonoedge("feedback", "replay", folder, "--data-dir", tmp_path / "data")
    assert done.returncode == 2
    assert "this command did not make it" in done.stderr


@pytest.mark.slow
def test_the_patients_of_covid_blues_give_the_rates_back(data_folder, tmp_path, sonoedge, cheap_pins):
    done = sonoedge("feedback", "replay", data_folder / "covid_blues", "--data-dir", tmp_path / "data", "--every", 12, "--json")
    printed = json.loads(done.stdout)
    assert (done.returncode, printed["exams"], printed["zones"], printed["unread"]) == (0, 50, 277, [])
    assert len(printed["rates"]) == 12
    assert all(each["hits"] == each["made"] for each in printed["rates"])
    assert sum(each["within"] for each in printed["rates"]) >= 11
