"""What a publisher has to do next."""

from datetime import timedelta

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.release.keys import key_files
from provisioning.release.shelf import Shelf
from provisioning.release.state import states
from tests.provisioning.release.conftest import DELEGATED, NOW


def found(publisher):
    return {state.role: (state.version, state.lacks) for state in states(publisher.repository.shelf)}


def test_a_new_repository_lacks_nothing(publisher):
    assert found(publisher) == dict.fromkeys(("root", "targets", *DELEGATED, "snapshot", "timestamp"), (1, 0))


def test_the_top_roles_come_first_and_the_last_one_to_sign_comes_last(publisher):
    assert list(found(publisher)) == ["root", "targets", "boards-pi5", "models", "sites-kisumu", "snapshot", "timestamp"]


def test_a_change_lacks_signatures_until_enough_people_signed(publisher):
    repository = publisher.repository
    assert repository.add("models/1.zip", publisher.file, {}) == "models"
    assert repository.add("README", publisher.file, {}) == "targets"
    first, _, third = key_files(publisher.keys, "targets")
    assert (found(publisher)["models"], found(publisher)["targets"]) == ((2, 1), (2, 2))
    repository.sign("targets", first)
    assert found(publisher)["targets"] == (2, 1)
    repository.sign("targets", third)
    repository.sign("models", *key_files(publisher.keys, "models"))
    assert {lacks for _, lacks in found(publisher).values()} == {0}
    assert found(publisher)["snapshot"] == (1, 0)
    publisher.release()
    assert (found(publisher)["snapshot"], found(publisher)["timestamp"]) == ((2, 0), (2, 0))


def test_until_when_each_role_holds(publisher):
    ends = {state.role: state.expires - NOW for state in states(publisher.repository.shelf)}
    assert ends.pop("root") == timedelta(days=5 * 365)
    assert set(ends.values()) == {timedelta(days=400)}


def test_a_folder_without_a_repository(place):
    with pytest.raises(ProvisionRefused, match="has no metadata of targets") as refused:
        states(Shelf(place))
    assert refused.value.cause == "E-RELEASE"
