"""`sonoedge release delegate` and `policy`: who signs for a site, and what its policy states. Every refusal is one line."""

import json

import pytest

from edge.disk.keys import pem, private_key
from provisioning.site.policy import MOST_NETWORKS, parse

ROLE = "sites-kisumu"
WARD, CLINIC = "192.168.1.0/24", "10.20.0.0/16"


def one_line(done):
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "Traceback" not in line
    return line


def state(publisher):
    """Version and lacking signatures of each role."""
    listed = json.loads(publisher.run("show", publisher.repository, "--json"))
    return {each["role"]: (each["version"], each["lacks"]) for each in listed}


def two_persons_sign(publisher):
    publisher.run("sign", publisher.repository, "targets", publisher.keys / "targets-1.pem", publisher.keys / "targets-2.pem")


@pytest.fixture
def key(publisher):
    return publisher.keys / f"{ROLE}-1.pem"


@pytest.fixture
def site(publisher, key):
    """A publisher with the role of a site."""
    publisher.run("delegate", publisher.repository, ROLE, key)
    two_persons_sign(publisher)
    return publisher


def policy_on(stick):
    (file,) = stick.glob("sonoedge/targets/sites/kisumu/*.policy.json")
    return parse(file.read_bytes(), str(file))


# delegate


def test_a_site_gets_a_role_and_a_new_key(publisher, key):
    listed = publisher.run("delegate", publisher.repository, ROLE, key)
    assert listed == f"{ROLE} is listed; next: sonoedge release sign {publisher.repository} targets KEY.pem KEY.pem\n"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (state(publisher)["targets"], state(publisher)[ROLE]) == ((2, 2), (1, 1))
    two_persons_sign(publisher)
    assert state(publisher)["targets"] == (2, 0)
    assert publisher.run("sign", publisher.repository, ROLE, key) == f"{ROLE} is signed\n"


def test_a_key_that_is_there_is_used_and_stays(publisher, key):
    publisher.run("keys", publisher.folder / "site", "--role", ROLE)
    made = publisher.folder / "site" / f"{ROLE}-1.pem"
    before = made.read_bytes()
    publisher.run("delegate", publisher.repository, ROLE, made)
    assert made.read_bytes() == before
    assert publisher.run("sign", publisher.repository, ROLE, made) == f"{ROLE} is signed\n"
    assert not key.exists()


def test_another_key_takes_the_place_of_the_one_of_before(site, key):
    new = key.with_name(f"{ROLE}-2.pem")
    site.run("delegate", site.repository, ROLE, new)
    two_persons_sign(site)
    assert pem(private_key(new).public_key()) != pem(private_key(key).public_key())
    assert f"{key} is not a key of {ROLE}" in one_line(site.sonoedge("sign", site.repository, ROLE, key))
    assert site.run("sign", site.repository, ROLE, new) == f"{ROLE} is signed\n"


@pytest.mark.parametrize("role", ["models", "boards-pi5", "sites-st-mary.2"])
def test_a_board_and_the_models_get_a_key_too(publisher, role):
    assert publisher.run("delegate", publisher.repository, role, publisher.keys / "new.pem").startswith(f"{role} is listed")
    assert state(publisher)[role] == (1, 1)


@pytest.mark.parametrize("role", ["", "kisumu", "sites-", "sites-Kisumu", "sites-a/b", "sites-*", "boards-", "models-x", "root", "targets"])
def test_a_role_that_nobody_can_have(publisher, key, role):
    line = one_line(publisher.sonoedge("delegate", publisher.repository, role, key))
    assert line == f"sonoedge: {role} is no role that can be delegated. Name models, boards-NAME or sites-NAME."
    assert state(publisher)["targets"] == (1, 0)


def test_what_is_no_private_key_is_refused(publisher):
    for file in (publisher.root, publisher.keys):
        assert f"{file} cannot be read as a private key" in one_line(publisher.sonoedge("delegate", publisher.repository, ROLE, file))
    assert ROLE not in state(publisher)


def test_a_folder_that_is_absent_is_one_line(publisher, key):
    assert "No such file or directory" in one_line(publisher.sonoedge("delegate", publisher.repository, ROLE, key.parent / "none/key.pem"))
    assert "no metadata of targets" in one_line(publisher.sonoedge("delegate", publisher.folder / "none", ROLE, key))


# policy


def test_a_policy_on_a_stick_step_by_step(site, key, tmp_path):
    listed = site.run("policy", site.repository, "kisumu", "--network", WARD, "--network", CLINIC, "--port", 9443)
    assert listed == f"the policy of kisumu is listed; next: sonoedge release sign {site.repository} {ROLE} KEY.pem\n"
    assert f"{ROLE} lacks 1 signatures" in one_line(site.sonoedge("publish", site.repository, tmp_path / "stick", "--keys", site.keys))
    site.run("sign", site.repository, ROLE, key)
    site.publish(tmp_path / "stick")
    policy = policy_on(tmp_path / "stick")
    assert (policy.site, [*map(str, policy.networks)], policy.port) == ("kisumu", [WARD, CLINIC], 9443)


def test_a_new_policy_takes_the_place_of_the_one_of_before(site, key, tmp_path):
    for network in (WARD, CLINIC):
        site.run("policy", site.repository, "kisumu", "--network", network)
        site.run("sign", site.repository, ROLE, key)
        site.publish(tmp_path / "stick")
        assert [*map(str, policy_on(tmp_path / "stick").networks)] == [network]
    assert state(site)[ROLE] == (2, 0)


def test_a_policy_without_a_network_closes_the_pages(site, key, tmp_path):
    site.run("policy", site.repository, "kisumu")
    site.run("sign", site.repository, ROLE, key)
    site.publish(tmp_path / "stick")
    assert (policy_on(tmp_path / "stick").networks, policy_on(tmp_path / "stick").port) == ((), 8443)


def test_two_persons_sign_for_a_site_without_a_role_of_its_own(publisher):
    listed = publisher.run("policy", publisher.repository, "kisumu", "--network", WARD)
    assert f"next: sonoedge release sign {publisher.repository} targets KEY.pem" in listed
    assert state(publisher)["targets"] == (2, 2)


TOO_MANY = [word for number in range(MOST_NETWORKS + 1) for word in ("--network", f"10.0.{number}.0/24")]
REFUSED = {
    "host bits": (("kisumu", "--network", "192.168.1.5/24"), "192.168.1.5/24 has host bits set"),
    "no network": (("kisumu", "--network", "ward"), "Invalid value for '--network'"),
    "IPv6": (("kisumu", "--network", "fd00::/64"), "Invalid value for '--network'"),
    "a public network": (("kisumu", "--network", WARD, "--network", "8.8.8.0/24"), "networks.1: it is no private network"),
    "a network that is too large": (("kisumu", "--network", "0.0.0.0/0"), "networks.0: it is no private network"),
    "too many networks": (("kisumu", *TOO_MANY), "the policy cannot be used: networks: "),
    "a port that needs rights": (("kisumu", "--port", "443"), "the policy cannot be used: port: "),
    "a port that is too large": (("kisumu", "--port", "65536"), "the policy cannot be used: port: "),
    "no port": (("kisumu", "--port", "https"), "Invalid value for '--port'"),
    "a site in capitals": (("Kisumu",), "the policy cannot be used: site: "),
    "a path": (("../kisumu",), "the policy cannot be used: site: "),
    "no site": (("",), "the policy cannot be used: site: "),
}


@pytest.mark.parametrize(("words", "line"), REFUSED.values(), ids=REFUSED)
def test_a_policy_that_is_refused_is_one_line_and_lists_nothing(site, words, line):
    before = state(site)
    assert line in one_line(site.sonoedge("policy", site.repository, *words))
    assert state(site) == before
    assert not (site.repository / "targets/sites").exists()


def test_a_folder_without_a_repository_is_one_line(site):
    assert "no metadata of targets" in one_line(site.sonoedge("policy", site.keys, "kisumu", "--network", WARD))
