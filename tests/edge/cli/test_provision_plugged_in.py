"""A stick that is plugged into an image, where nobody logs in: a new policy is taken, and the stick states how a tablet opens the page."""

import json
from functools import partial

import pytest

from edge.cli import provision_site
from edge.records.store import Store
from provisioning.site.firewall import SERVICE
from tests.edge.cli.publisher import Publisher

WARD, CLINIC = "192.168.1.0/24", "10.20.0.0/16"


class Image:
    """A board that was set up by its image, with a publisher whose sticks are plugged in."""

    def __init__(self, sonoedge, folder):
        self.folder, self.root = folder, folder / "opt"
        (folder / "publisher").mkdir()
        (folder / "units").mkdir()
        (folder / "units" / SERVICE).write_text("[Service]\nIPAddressDeny=any\n")
        self.publisher = Publisher(sonoedge, folder / "publisher")
        self.provision = lambda *words: partial(sonoedge, "provision")(*words, "--root", self.root)
        Store.open(folder / "data").close()
        assert self.provision("init", "--trusted-root", self.publisher.root).returncode == 0
        self.stick = folder / "stick"

    def policy(self, site, network):
        """The publisher signs a policy, and writes the stick again."""
        run, keys = self.publisher.run, self.publisher.keys
        key = keys / f"sites-{site}-1.pem"
        if not key.exists():
            run("delegate", self.publisher.repository, f"sites-{site}", key)
            run("sign", self.publisher.repository, "targets", keys / "targets-1.pem", keys / "targets-2.pem")
        run("policy", self.publisher.repository, site, "--network", network)
        run("sign", self.publisher.repository, f"sites-{site}", key)
        self.publisher.publish(self.stick)

    def plug_in(self):
        return self.provision("site", "apply", self.stick, "--plugged-in", "--units", self.folder / "units")

    @property
    def codes(self):
        return [event["code"] for event in json.loads(self.provision("history", "--json").stdout)]

    @property
    def result(self):
        """What the stick states of its visit; None where nothing was left on it."""
        found = list(self.stick.glob("sonoedge/outbox/*/result.json"))
        return json.loads(found[0].read_text()) if found else None


@pytest.fixture
def image(sonoedge, tmp_path, monkeypatch):
    for name, value in {"DATA_DIR": tmp_path / "data", "PORT": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))
    made = Image(sonoedge, tmp_path)
    monkeypatch.setattr(provision_site, "OPEN_NETWORK", ("sh", "-c", f"echo opened >>{tmp_path}/network"))
    return made


def network_openings(image):
    file = image.folder / "network"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_the_first_policy_opens_the_network_and_the_stick_states_how_to_begin(image):
    image.policy("kisumu", WARD)
    done = image.plug_in()
    assert done.returncode == 0, done.stderr
    assert image.codes == ["OK-SITE"]
    stated = json.loads(image.provision("site", "show", "--json").stdout)
    what = image.result["what"]
    assert stated["address"] in what
    assert stated["certificate"] in what
    assert "one-time code " in what
    assert network_openings(image) == 1


def test_the_code_is_on_the_stick_only(image):
    image.policy("kisumu", WARD)
    image.plug_in()
    code = image.result["what"].rpartition("one-time code ")[2].strip(".")
    assert len(code) >= 8
    history = image.provision("history", "--json").stdout
    assert code not in history


def test_the_same_stick_again_is_left_alone(image):
    image.policy("kisumu", WARD)
    for _ in range(3):
        assert image.plug_in().returncode == 0
    assert image.codes == ["OK-SITE"]
    assert network_openings(image) == 1


def test_a_newer_policy_is_taken_and_interrupts_nobody(image):
    image.policy("kisumu", WARD)
    image.plug_in()
    image.policy("kisumu", CLINIC)
    image.plug_in()
    assert image.codes == ["OK-SITE", "OK-SITE"]
    assert json.loads(image.provision("site", "show", "--json").stdout)["networks"] == [CLINIC]
    assert network_openings(image) == 1


def test_a_stick_of_photographs_is_left_alone(image):
    image.stick.mkdir()
    (image.stick / "holiday.jpg").write_bytes(b"\xff\xd8")
    assert image.plug_in().returncode == 0
    assert image.codes == []
    assert [path.name for path in image.stick.iterdir()] == ["holiday.jpg"]


def test_a_stick_with_a_release_only_is_left_alone(image):
    image.publisher.publish(image.stick)
    assert image.plug_in().returncode == 0
    assert (image.codes, image.result) == ([], None)


def test_a_stick_of_another_site_is_left_alone(image):
    image.policy("kisumu", WARD)
    image.plug_in()
    image.policy("lodwar", CLINIC)
    assert image.plug_in().returncode == 0
    assert image.codes == ["OK-SITE"]
    assert json.loads(image.provision("site", "show", "--json").stdout)["site"] == "kisumu"


def test_of_two_sites_a_new_board_takes_none_and_states_both(image):
    image.policy("kisumu", WARD)
    image.policy("lodwar", CLINIC)
    done = image.plug_in()
    assert done.returncode == 2
    assert image.codes == ["E-WRONG-SITE"]
    assert "kisumu, lodwar" in image.result["what"]
    assert network_openings(image) == 0


def test_a_changed_stick_takes_no_effect_and_states_it(image):
    image.policy("kisumu", WARD)
    (file,) = image.stick.glob("sonoedge/targets/sites/kisumu/*.policy.json")
    file.write_bytes(file.read_bytes().replace(b"192.168.1.0/24", b"10.0.0.0/8    "))
    assert image.plug_in().returncode == 2
    assert image.codes == ["E-TAMPER"]
    assert image.result["code"] == "E-TAMPER"
    assert network_openings(image) == 0
