"""A generation is whole or it is not there."""

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.trust.generations import Generations, files


def add(generations, **contents):
    with generations.stage() as stage:
        for name, content in contents.items():
            (stage / f"{name}.json").write_bytes(content)
        generations.commit()


def test_none_before_the_first(place):
    assert Generations(place / "absent").current is None


def test_a_commit_replaces_the_previous_one(place):
    generations = Generations(place)
    add(generations, targets=b"1", snapshot=b"1")
    add(generations, targets=b"2")
    assert files(generations.current) == {"targets.json": b"2", "snapshot.json": b"1"}
    assert [path.name for path in place.iterdir() if path.is_dir()] == ["gen-2"]


def test_the_order_is_that_of_numbers(place):
    for number in (9, 10):
        (place / f"gen-{number}").mkdir()
    assert Generations(place).current == place / "gen-10"


def test_no_change_makes_no_generation(place):
    generations = Generations(place)
    add(generations, targets=b"1")
    add(generations, targets=b"1")
    assert generations.current == place / "gen-1"


def test_a_stage_that_is_not_committed_is_gone(place):
    generations = Generations(place)
    add(generations, targets=b"1")
    with generations.stage() as stage:
        (stage / "targets.json").write_bytes(b"2")
    assert files(generations.current) == {"targets.json": b"1"}
    assert not (place / "stage").exists()


def test_one_command_at_a_time(place):
    generations = Generations(place)
    with generations.stage() as stage:
        with pytest.raises(ProvisionRefused) as refused, Generations(place).stage():
            pass
        assert stage.exists()
    assert refused.value.cause == "E-BUSY"


def test_a_file_that_is_no_file_is_as_if_it_were_lost(place):
    generations = Generations(place)
    add(generations, targets=b"1", snapshot=b"1", timestamp=b"1")
    (generations.current / "snapshot.json").unlink()
    (generations.current / "snapshot.json").symlink_to("targets.json")
    (generations.current / "timestamp.json").unlink()
    (generations.current / "timestamp.json").mkdir()
    with generations.stage() as stage:
        assert files(stage) == {"targets.json": b"1"}
