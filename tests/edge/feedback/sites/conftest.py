"""Clinics that were counted by hand; each is built once, and a test has a copy."""

import shutil

import pytest

from tests.edge.feedback.performance.clinic import HAND_COUNTED, SmallClinic


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The clinic of this name, with what model and reader state of each patient."""
    folders = {}

    def of(name, cases):
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp("sites") / name
            clinic = SmallClinic(folders[name])
            for model, reader in cases:
                clinic.one(model, reader)
            clinic.store.close()
        return folders[name]

    return of


@pytest.fixture
def made(built, tmp_path):
    """A clinic of this name in a folder of the test; a name stands for the same cases in all tests."""

    def of(name, cases=HAND_COUNTED):
        return shutil.copytree(built(name, cases), tmp_path / name)

    return of
