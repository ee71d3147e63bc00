"""`sonoedge feedback sites` and `figures --export`: each site and all together, what is left out by name, here and on a cluster."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.edge.feedback.performance.clinic import SmallClinic

DASK = [sys.executable, "-m", "dask"]
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")


CASES = [("present", "present")] * 5 + [("absent", "present")] + [("absent", "absent")] * 5


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites")
    for name in ("gondar", "bahir-dar"):
        clinic = SmallClinic(folder / name)
        for model, reader in CASES:
            clinic.one(model, reader)
        clinic.store.close()
    return folder


@pytest.fixture
def clinics(built, tmp_path, monkeypatch):
    """Two clinics in the folder in which the command runs."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("clinics")
def test_a_folder_and_a_file_that_a_site_wrote_stand_side_by_side_and_together(sonoedge, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", "bahir-dar")
    exported = sonoedge("feedback", "figures", "--export", "bahir-dar.json")
    assert exported.returncode == 0
    assert "bahir-dar.json holds counts only" in exported.stderr
    done = sonoedge("feedback", "sites", "gondar", "bahir-dar.json", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    (zone,) = [each for each in printed["judged"] if (each["kind"], each["finding"]) == ("zone", "b_lines")]
    sensitivity = zone["shares"]["sensitivity"]
    assert [each["value"] for each in sensitivity["sites"].values()] == pytest.approx([5 / 6, 5 / 6])
    assert (sensitivity["together"]["cases"], sensitivity["between"]["i_squared"]) == (12, 0.0)
    assert "not a diagnosis" in printed["notice"]


def test_a_site_that_fails_is_named_and_the_others_go_on(clinics, sonoedge):
    (clinics / "empty").mkdir()
    done = sonoedge("feedback", "sites", "gondar", "empty", "bahir-dar", "gondar/../gondar")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{clinics / 'empty'} is left out: {clinics / 'empty'} has neither records nor a backup. Name")
    assert len(done.stderr.splitlines()) == 1
    assert "The model at 2 sites. Research use, not a diagnosis." in done.stdout
    rows = {line.split("  ")[1].strip(): line for line in done.stdout.splitlines() if line.startswith("  ")}
    assert "0.83 (" in rows["together"]
    assert "0 %" in rows["I2"]


@pytest.mark.usefixtures("clinics")
def test_one_site_under_two_names_counts_once(sonoedge, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", "gondar")
    sonoedge("feedback", "figures", "--export", "gondar.json")
    done = sonoedge("feedback", "sites", "gondar", "gondar.json", "--json")
    assert done.returncode == 1
    (left,) = json.loads(done.stdout)["left_out"]
    assert (left["code"], "is the same site as" in left["problem"]) == ("same-site", True)


@pytest.mark.usefixtures("clinics")
def test_without_any_site_it_is_refused(sonoedge):
    done = sonoedge("feedback", "sites", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No site gave statistics" in done.stderr


@pytest.mark.slow
def test_the_workers_of_a_cluster_give_the_same(clinics, sonoedge, eventually):
    place = clinics / "scheduler.json"
    words = (("scheduler", "--port", "0"), ("worker", "--nthreads", "1"))
    started = [
        subprocess.Popen([*DASK, *each, "--scheduler-file", str(place), *LOOPBACK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for each in words
    ]
    try:
        eventually(lambda: place.exists() and place.read_text(), "no scheduler began")
        address = json.loads(place.read_text())["address"]
        there = sonoedge("feedback", "sites", "gondar", "nowhere", "bahir-dar", "--json", "--scheduler", address)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=30)
    here = sonoedge("feedback", "sites", "gondar", "nowhere", "bahir-dar", "--json")
    assert (there.returncode, here.returncode) == (1, 1)
    printed, same = json.loads(there.stdout), json.loads(here.stdout)
    assert printed["judged"] == same["judged"]
    assert printed["left_out"] == same["left_out"]
