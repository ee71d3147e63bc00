"""A stick holds what was released, and nothing of it is believed before it was read back."""

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.release import stick as module
from provisioning.release.stick import publish
from provisioning.trust.source import ON_STICK


def on_stick(place):
    folder = place / "stick" / ON_STICK
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_of_the_newest_release_only(publisher, place):
    repository = publisher.repository
    repository.add("models/1.zip", publisher.file, {})
    publisher.release("models")
    publish(repository, place / "stick")
    repository.remove("models/1.zip")
    publisher.file.write_bytes(b"newer")
    repository.add("models/2.zip", publisher.file, {})
    publisher.release("models")
    (place / "stick" / "other").write_bytes(b"of the technician")
    assert publish(repository, place / "stick") == len(on_stick(place))
    metadata = {name.split("/")[1] for name in on_stick(place) if name.startswith("metadata")}
    assert metadata == {
        "1.root.json", "1.targets.json", "3.models.json", "1.boards-pi5.json", "1.sites-kisumu.json", "3.snapshot.json", "timestamp.json",
    }  # fmt: skip
    assert [content for name, content in on_stick(place).items() if name.startswith("targets")] == [b"newer"]
    assert (place / "stick" / "other").exists()


def test_what_is_signed_but_not_released_stays_at_home(publisher, place):
    publisher.repository.add("models/1.zip", publisher.file, {})
    publish(publisher.repository, place / "stick")
    assert "metadata/1.models.json" in on_stick(place)
    assert "metadata/2.models.json" not in on_stick(place)


def test_a_stick_that_gives_back_other_bytes(publisher, place, monkeypatch):
    written = module.replacing

    def lying(path):
        class Medium:
            def __enter__(self):
                self.file = written(path)
                return self.file.__enter__()

            def __exit__(self, *error):
                self.file.__exit__(*error)
                path.write_bytes(path.read_bytes()[:-1] + b"?")

        return Medium()

    monkeypatch.setattr(module, "replacing", lying)
    with pytest.raises(ProvisionRefused, match="does not hold what was written") as refused:
        publish(publisher.repository, place / "stick")
    assert refused.value.cause == "E-RELEASE"
    assert "metadata/timestamp.json" not in on_stick(place)


def test_a_snapshot_that_a_power_cut_left_without_its_timestamp_stays_at_home(publisher, place):
    shelf = publisher.repository.shelf
    (shelf.folder / "2.snapshot.json").write_bytes(shelf.newest("snapshot").read_bytes())
    publish(publisher.repository, place / "stick")
    assert "metadata/1.snapshot.json" in on_stick(place)
    assert "metadata/2.snapshot.json" not in on_stick(place)
