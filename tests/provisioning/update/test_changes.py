"""What an update would change, in rows that a person can read."""

from provisioning.update.changes import SAME, changes
from tests.provisioning.releases import facts_of

NOW = facts_of(1, database="0007", models=("lung-s-1.0", "lung-l-1.0"), firmware=("SonoLink 1",))


def rows(now, then):
    return {change.part: (change.before, change.after, change.effect) for change in changes(now, then)}


def test_every_part_is_named_with_its_state_before_and_after():
    found = rows(NOW, facts_of(2, database="0008", models=("lung-s-2.0",), firmware=("SonoLink 2",)))
    assert {part: states[:2] for part, states in found.items()} == {
        "program": ("1.0", "2.0"),
        "records": ("0007", "0008"),
        "models": ("lung-s-1.0, lung-l-1.0", "lung-s-2.0"),
        "probe firmware": ("SonoLink 1", "SonoLink 2"),
    }
    assert SAME not in {effect for *_, effect in found.values()}


def test_what_stays_is_stated():
    assert {effect for *_, effect in rows(NOW, NOW).values()} == {SAME}


def test_a_release_without_models_and_firmware():
    found = rows(NOW, facts_of(2))
    assert (found["models"][1], found["probe firmware"][1]) == ("none", "none")


def test_a_release_that_an_installer_wrote_from_a_checkout_is_unknown():
    found = rows(None, NOW)
    assert (found["program"][0], found["records"][0], found["models"][0]) == ("unknown", "unknown", "none")
    assert SAME not in {effect for *_, effect in found.values()}
