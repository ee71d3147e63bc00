"""An empty shelf, and the key of a ward that signs what is installed on it."""

import pytest

from edge.disk.layout import DataFolder
from edge.disk.signing import SigningKey, make_keys, trusted_keys
from edge.inference.shelf import Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf.of(tmp_path / "data")


@pytest.fixture
def ward(tmp_path):
    """A key for signatures, and the keys that trust it."""
    folder = DataFolder(tmp_path / "data").model_keys
    folder.mkdir(parents=True)
    private, _ = make_keys("ward-3", folder)
    return SigningKey.load(private), trusted_keys(folder)


@pytest.fixture(scope="session")
def installed():
    """The releases of a shelf that did not come with the program."""
    return lambda shelf: [each for each in shelf.releases() if not each.built_in]
