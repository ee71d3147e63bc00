"""The site of a board as the appliance sees it: what tablets need, and each fault as a refusal with its code."""

from datetime import datetime, timezone

import pytest

from provisioning.boot.place import Place
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import make_device
from provisioning.site.opened import Site, site_of
from provisioning.site.policy import Policy

POLICY = Policy(site="korle-bu", issued_at=datetime(2026, 11, 30, tzinfo=timezone.utc), networks=["192.168.4.0/22", "10.1.0.0/16"])


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "opt")
    made.trust.mkdir(parents=True)
    return made


@pytest.fixture
def identity(tmp_path):
    return tmp_path / "identity"


def joined(place, policy=POLICY):
    place.site.write_text(policy.model_dump_json())


def test_a_board_without_a_policy_belongs_to_no_site(place, identity):
    assert site_of(place, identity) is None
    assert site_of(None, identity) is None


def test_what_tablets_need_is_stated(place, identity):
    joined(place)
    device = make_device(identity)
    state = site_of(place, identity).state
    assert (state.name, state.networks) == ("korle-bu", ("192.168.4.0/22", "10.1.0.0/16"))
    assert state.address == f"https://{device.id.lower()}.local:8443/"
    assert state.certificate == Site(place, identity).certificates().authority.fingerprint


def test_a_policy_holds_until_the_next_start(place, identity):
    joined(place)
    site = site_of(place, identity)
    assert site.policy == POLICY
    joined(place, POLICY.model_copy(update={"port": 9443}))
    assert site.policy == POLICY
    assert site_of(place, identity).policy.port == 9443


@pytest.mark.parametrize("content", ["", "{", '{"site": "korle-bu"}', '{"site": "Korle Bu", "issued_at": "2026-11-30T00:00:00Z"}'])
def test_a_damaged_policy_is_a_refusal_with_its_code(place, identity, content):
    place.site.write_text(content)
    with pytest.raises(ProvisionRefused) as refused:
        _ = site_of(place, identity).policy
    assert refused.value.cause == "E-POLICY"


def test_a_board_that_leaves_while_the_appliance_starts_is_a_refusal(place, identity):
    joined(place)
    site = site_of(place, identity)
    place.site.unlink()
    with pytest.raises(ProvisionRefused) as refused:
        _ = site.policy
    assert refused.value.cause == "E-NO-POLICY"


def test_a_board_without_an_identity_is_a_refusal(place, identity):
    joined(place)
    with pytest.raises(ProvisionRefused) as refused:
        _ = site_of(place, identity).host
    assert refused.value.cause == "E-NOT-SET-UP"
    assert site_of(place, identity).names == ()
