"""A board joins a site and leaves it; the publisher, the stick, the trust and the disk are the real ones."""

import shutil

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.site.firewall import DROP_IN, SERVICE
from provisioning.site.policy import MOST_BYTES, Policy
from tests.provisioning.identity.conftest import killed_before  # noqa: F401 - a fixture of these tests too
from tests.provisioning.release.conftest import NOW
from tests.provisioning.site.conftest import CHANGED, OTHER, ROLE, SITE, flip, networks

WARD, CLINIC = "192.168.1.0/24", "10.20.0.0/16"


@pytest.fixture
def joined(bench):
    """A board of the site, whose pages open to the ward."""
    bench.publish(WARD)
    bench.join(SITE)
    return bench


# joining


def test_a_board_joins_a_site_by_its_name(bench):
    policy = bench.publish(WARD, CLINIC)
    event = bench.join(SITE)
    assert (event.code, event.what) == ("OK-SITE", f"The board belongs to the site {SITE}; its pages open to {WARD}, {CLINIC}")
    assert bench.policy == policy
    assert bench.state == (bench.file.read_bytes(), networks(WARD, CLINIC))
    assert bench.codes == ["OK-SITE"]


def test_the_only_site_of_a_stick_needs_no_name(bench):
    policy = bench.publish(WARD)
    bench.join()
    assert bench.policy == policy


@pytest.mark.parametrize("site", ["", SITE], ids=["without", "with"])
def test_a_later_time_needs_no_name(joined, site):
    policy = joined.publish(CLINIC)
    for _ in range(2):  # the same stick again changes nothing
        joined.join(site)
        assert (joined.policy, joined.networks) == (policy, networks(CLINIC))
    assert joined.codes == ["OK-SITE"] * 3


def test_a_policy_without_networks_closes_the_pages_and_the_board_stays_in_the_site(joined):
    joined.publish()
    assert joined.join().what.endswith("its pages open to no network")
    assert joined.policy.site == SITE
    assert joined.networks is None


def test_a_board_whose_appliance_is_no_service_has_a_policy_and_no_drop_in(bench):
    (bench.units / SERVICE).unlink()
    bench.publish(WARD)
    bench.join(SITE)
    assert bench.policy.networks == networks(WARD)
    assert not list(bench.units.iterdir())


def test_a_release_on_the_same_stick_is_no_obstacle(bench):
    bench.publisher.repository.add("app/pi5/1.tar", bench.publisher.file, {})
    bench.publisher.release("boards-pi5")
    bench.publish(WARD)
    assert bench.join(SITE).code == "OK-SITE"


# what is refused


def test_a_board_of_a_site_joins_no_other_before_it_leaves(joined):
    joined.publish(CLINIC, site=OTHER)
    refused = joined.refused(OTHER)
    assert (refused.cause, refused.what) == ("E-WRONG-SITE", f"this board belongs to the site {SITE}")
    assert refused.fix == "Leave that site first: sonoedge provision site leave"
    joined.leave()
    joined.join(OTHER)
    assert joined.policy.site == OTHER


@pytest.mark.parametrize("site", [OTHER, "../kisumu", "kisumu/", "Kisumu", "*"])
def test_a_stick_with_policies_of_other_sites_only(bench, site):
    bench.publish(WARD)
    refused = bench.refused(site)
    assert (refused.cause, refused.what) == ("E-WRONG-SITE", f"{bench.stick} has files for {SITE}, and none for {site}")


def test_a_stick_without_any_policy(bench):
    bench.sign()
    refused = bench.refused(SITE)
    assert (refused.cause, refused.what) == ("E-NO-POLICY", f"{bench.stick} is genuine, and holds no policy of {SITE}")


def test_a_site_with_other_files_and_no_policy(joined):
    joined.publisher.repository.remove(f"sites/{SITE}/policy.json")
    joined.publisher.repository.add(f"sites/{SITE}/logo.png", joined.publisher.file, {})
    joined.sign(ROLE)
    assert joined.refused().cause == "E-NO-POLICY"


def test_a_policy_that_states_another_site(joined):
    joined.publish(CLINIC, states=OTHER)
    refused = joined.refused()
    assert (refused.cause, refused.what) == ("E-POLICY", f"sites/{SITE}/policy.json states another site, {OTHER}")


PUBLIC = b'{"site": "kisumu", "issued_at": "2026-11-30T00:00:00Z", "networks": ["8.8.8.0/24"]}'


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"site": "kisumu"}', PUBLIC], ids=["empty", "no text", "no time", "public"])
def test_a_signed_policy_that_cannot_be_used(joined, content):
    joined.list(content)
    joined.sign(ROLE)
    refused = joined.refused()
    assert refused.cause == "E-POLICY"
    assert refused.what.startswith(f"the policy in sites/{SITE}/policy.json cannot be used: ")


def test_a_signed_policy_that_is_too_large_is_not_even_copied(joined):
    joined.list(b" " * (MOST_BYTES + 1))
    joined.sign(ROLE)
    joined.file.unlink()
    refused = joined.refused()
    assert (refused.cause, refused.now) == ("E-POLICY", "The pages open where they opened before")
    assert refused.what.endswith(f"has {MOST_BYTES + 1} bytes, and a policy no more than {MOST_BYTES} bytes")


@pytest.mark.parametrize(("change", "cause"), CHANGED.values(), ids=CHANGED)
def test_a_policy_that_was_changed_on_the_stick(joined, change, cause):
    joined.publish(CLINIC)
    change(joined.file)
    assert joined.refused().cause == cause
    assert joined.policy.networks == networks(WARD)


def test_a_list_that_was_changed_on_the_stick(joined):
    joined.publish(CLINIC)
    flip(200)(next(joined.stick.glob(f"sonoedge/metadata/3.{ROLE}.json")))
    assert joined.refused().cause == "E-TAMPER"


def test_a_policy_that_the_site_did_not_sign_is_not_published(joined):
    joined.list(Policy(site=SITE, issued_at=NOW, networks=[CLINIC]).model_dump_json().encode())
    with pytest.raises(ProvisionRefused, match=f"{ROLE} lacks 1 signatures"):
        joined.sign()


def test_the_key_of_a_site_signs_for_no_other_site(joined):
    joined.list_for_another_site()
    refused = joined.refused()
    assert refused.cause == "E-WRONG-SITE"
    assert refused.what == f"{ROLE}.json lists sites/{OTHER}/policy.json, which its keys are not allowed to sign"


def test_an_older_stick_after_a_newer_one(joined):
    old = joined.keep_stick()
    newer = joined.publish(CLINIC)
    joined.join()
    assert joined.refused(folder=old).cause == "E-ROLLBACK"
    assert joined.policy == newer
    for generation in joined.place.trust.glob("gen-*"):
        shutil.rmtree(generation)
    assert joined.refused(folder=old).cause == "E-ROLLBACK"


def test_an_older_stick_is_refused_although_the_board_left_in_between(joined):
    old = joined.keep_stick()
    joined.publish(CLINIC)
    joined.join()
    joined.leave()
    assert joined.refused(SITE, folder=old).cause == "E-ROLLBACK"
    assert joined.policy is None


def test_a_board_that_trusts_nobody_takes_no_policy(bench):
    bench.publish(WARD)
    bench.place.trusted_root.unlink()
    with pytest.raises(ProvisionRefused) as refused:
        bench.join(SITE)
    assert (refused.value.cause, bench.state, bench.codes) == ("E-NOT-SET-UP", (None, None), [])


# leaving


def test_a_board_leaves_its_site(joined):
    event = joined.leave()
    assert (event.code, event.what) == ("OK-SITE-LEFT", "The board belongs to no site")
    assert joined.policy is None
    assert joined.networks is None


def test_leaving_is_safe_to_repeat(joined):
    joined.leave()
    joined.leave()
    assert joined.codes == ["OK-SITE", "OK-SITE-LEFT", "OK-SITE-LEFT"]


def test_a_board_that_left_joins_again(joined):
    joined.leave()
    joined.join()
    assert joined.policy.networks == networks(WARD)


DAMAGE = {
    "garbage": lambda path: path.write_bytes(b"garbage"),
    "a link": lambda path: (path.unlink(), path.symlink_to("trust/trusted_root.json")),
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to("nothing")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_board_with_a_damaged_policy_joins_after_it_left(joined, damage):
    damage(joined.place.site)
    assert joined.refused(SITE).cause == "E-POLICY"
    joined.leave()
    joined.join(SITE)
    assert joined.policy.networks == networks(WARD)
    assert joined.place.trusted_root.exists()


def test_every_outcome_is_in_the_history(bench):
    bench.publish(WARD)
    bench.join(SITE)
    bench.refused(OTHER)
    bench.publish(WARD, states=OTHER)
    bench.refused()
    bench.leave()
    assert bench.codes == ["OK-SITE", "E-WRONG-SITE", "E-POLICY", "OK-SITE-LEFT"]


# a disk that refuses


def test_a_disk_that_refuses_the_policy(joined):
    """The drop-in already allows the new networks then, and still those of the policy that stays in force."""
    joined.publish(CLINIC)
    stored = joined.place.site.read_bytes()
    joined.place.site.with_name("site.json.new").mkdir()
    with pytest.raises(ProvisionRefused) as refused:
        joined.join()
    assert (refused.value.cause, joined.codes) == ("E-DISK", ["OK-SITE", "E-DISK"])
    assert joined.place.site.read_bytes() == stored
    assert set(joined.networks) == set(networks(WARD, CLINIC))


@pytest.mark.parametrize("site", [SITE, OTHER])
def test_a_disk_that_refuses_the_drop_in(joined, site):
    joined.leave()
    folder = (joined.units / DROP_IN).parent
    folder.rmdir()
    folder.write_text("a file")
    joined.publish(CLINIC, site=site)
    assert joined.refused(site).cause == "E-DISK"
    assert joined.policy is None


def test_a_disk_that_does_not_forget_the_policy(joined):
    joined.place.site.unlink()
    joined.place.site.mkdir()
    assert joined.refused(act=joined.leave).cause == "E-DISK"
    assert joined.networks == networks(WARD)


# a power cut


CHANGES = {
    "other networks": lambda bench: (bench.publish(CLINIC), bench.join)[1],
    "no networks": lambda bench: (bench.publish(), bench.join)[1],
    "leaving": lambda bench: bench.leave,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_command_that_is_killed_locks_no_tablet_out_and_is_safe_to_repeat(joined, killed_before, change):  # noqa: F811
    """Whatever the stored policy opens, systemd lets through: the drop-in comes first when a network is added, and last when one goes."""
    act, before, restore = change(joined), joined.state, joined.copied()
    act()
    after, found = joined.state, set()
    restore()
    number = 0
    while killed_before(number := number + 1, act):
        found.add(joined.place.site.read_bytes() if joined.place.site.exists() else None)
        assert set(joined.policy.networks if joined.policy else ()) <= set(joined.networks or ())
        act()
        assert joined.state == after
        restore()
    assert found == {before[0], after[0]}
    assert joined.state == after
