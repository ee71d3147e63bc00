"""A site is read from its folder, a backup or its file: the same sums, nothing changed there, and no image opened."""

import json
import os
import shutil
from contextlib import closing

import pytest

from edge.disk.layout import DataFolder
from edge.exam.protocol.file import load_catalogue
from edge.feedback.agreement import LEAST
from edge.feedback.performance.collect import Subject
from edge.feedback.performance.compute import collected_of
from edge.feedback.sites.read import SiteAt, SiteProblem, read_site, write_statistics
from edge.feedback.sites.statistics import METHOD, SiteStatistics, statistics_of
from edge.feedback.statistics.tally import Tally
from edge.records.backup.backups import make_backup
from edge.records.store import Store

B_LINES = Subject("zone", "b_lines")


def sums(statistics, subject=B_LINES):
    return next(each for each in statistics.subjects if each.subject == subject)


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def site(made):
    return made("site")


@pytest.fixture
def exported(site, tmp_path):
    path = tmp_path / "site.json"
    with closing(Store.open(site)) as store:
        *_, found = collected_of(store, load_catalogue())
        write_statistics(statistics_of(found, store.seal.fingerprint, store.now()), path)
    return path


def test_a_data_folder_has_the_sums_that_were_counted_by_hand(site):
    found = read_site(SiteAt(site))
    assert sums(found).sensitivity == Tally.independent(6, 7)
    assert sums(found).specificity == Tally.independent(5, 6)
    assert sums(found).answered == Tally.independent(13, 14)
    assert sums(found).auc.value == pytest.approx(40.5 / 48)
    assert (found.exams, found.method) == (14, METHOD)


def test_a_folder_is_not_changed_and_no_image_is_needed(site):
    shutil.rmtree(site / "exams")
    before = files(site)
    assert isinstance(read_site(SiteAt(site)), SiteStatistics)
    assert files(site) == before


def test_a_running_appliance_is_read_as_it_is_now(site):
    with closing(Store.open(site)):
        assert sums(read_site(SiteAt(site))).answered.of == 14


def test_a_backup_and_a_file_have_the_same_sums(site, exported, tmp_path):
    with closing(Store.open(site)) as store:
        make_backup(store, tmp_path / "stick")
    whole = read_site(SiteAt(site))
    for other in (tmp_path / "stick", exported):
        found = read_site(SiteAt(other))
        assert (found.subjects, found.site, found.exams) == (whole.subjects, whole.site, whole.exams)


def test_what_leaves_a_site_is_counts_and_its_owner_alone_may_read_them(site, exported):
    text = exported.read_text()
    words = {"Patient", "C-1", "Sara", "Reader", "blue-6", "L1", "female", *(path.name for path in DataFolder(site).exams.iterdir())}
    assert [word for word in words if word in text] == []
    assert set(json.loads(text)) == {"format", "method", "site", "at", "exams", "subjects"}
    assert exported.stat().st_mode & 0o077 == 0


def test_a_share_of_few_patients_does_not_leave_a_site(made):
    found = read_site(SiteAt(made("few-without", [("present", "present")] * 6 + [("absent", "absent")] * (LEAST - 1))))
    assert sums(found).sensitivity == Tally.independent(6, 6)
    assert (sums(found).specificity, sums(found).auc, sums(found).binned) == (None, None, None)


def test_each_fault_is_named(site, exported, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.json").write_text("{}")
    content = json.loads(exported.read_text())
    (tmp_path / "other.json").write_text(json.dumps(content | {"method": "0.1"}))
    content["subjects"][0]["sensitivity"]["hits"] = 99
    (tmp_path / "wrong.json").write_text(json.dumps(content))
    (tmp_path / "damaged").mkdir()
    shutil.copytree(site, tmp_path / "damaged", dirs_exist_ok=True)
    DataFolder(tmp_path / "damaged").records.write_bytes(os.urandom(100_000))
    faults = {
        "none": ("site-unusable", "does not exist"),
        "empty": ("record-unknown", "neither records nor a backup"),
        "picture.json": ("site-unusable", "no file of statistics"),
        "other.json": ("site-unusable", f"counted by method 0.1, and this program uses {METHOD}"),
        "wrong.json": ("site-unusable", "no sums of hits among cases"),
        "damaged": ("records-unusable", "cannot be read"),
    }
    for name, (code, words) in faults.items():
        found = read_site(SiteAt(tmp_path / name))
        assert isinstance(found, SiteProblem), name
        assert (found.code, words in found.problem, found.site) == (code, True, str(tmp_path / name)), found
