"""`sonoedge provision model`: a model goes from its makers to a board on the stick of a publisher, signed and whole or not at all."""

import json
from functools import partial

import pytest


class Visit:
    """A publisher with keys for the models, a stick, and a board that trusts the publisher."""

    def __init__(self, sonoedge, folder):
        self.folder, self.stick, self.data = folder, folder / "stick", folder / "data"
        self.sonoedge = sonoedge
        self.provision = lambda *words: partial(sonoedge, "provision")(*words, "--root", folder / "opt")
        self.keys, self.repository = folder / "keys", folder / "repository"
        self.ok("release", "keys", self.keys, "--role", "models")
        self.ok("release", "new", self.repository, "--keys", self.keys, "--role", "models")
        self.data.mkdir()
        assert self.provision("init", "--trusted-root", self.repository / "metadata" / "1.root.json").returncode == 0

    def ok(self, *words):
        done = self.sonoedge(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def packed(self, folder):
        """The bundle that the makers of a model signed."""
        if not (self.folder / "makers.pem").exists():
            self.ok("model", "keygen", "makers", "--out", self.folder)
        self.ok("model", "pack", folder, "--key", self.folder / "makers.pem", "--out", self.folder)
        return max(self.folder.glob("*.sonomodel"), key=lambda path: path.stat().st_mtime_ns)

    def publish(self, *bundles):
        for bundle in bundles:
            self.ok("release", "add", self.repository, bundle)
        self.ok("release", "sign", self.repository, "models", self.keys / "models-1.pem")
        self.ok("release", "publish", self.repository, self.stick, "--keys", self.keys)

    @property
    def codes(self):
        return [event["code"] for event in json.loads(self.provision("history", "--json").stdout)]

    @property
    def installed(self):
        return {each["ident"]: each for each in json.loads(self.ok("model", "list", "--json"))["releases"]}


@pytest.fixture
def visit(sonoedge, tmp_path, monkeypatch):
    for name, value in {"DATA_DIR": tmp_path / "data", "PORT": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))
    return Visit(sonoedge, tmp_path)


def one_line(done):
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("result: ")]
    return line


@pytest.fixture
def bundle(visit, candidate, tmp_path):
    return visit.packed(candidate(tmp_path / "new", "9.0.0"))


def test_a_model_of_the_stick_is_listed_and_installed_and_not_used(visit, bundle):
    visit.publish(bundle)
    listed = json.loads(visit.provision("model", "list", visit.stick, "--json").stdout)
    assert [(each["model"], each["bytes"]) for each in listed] == [(bundle.stem, bundle.stat().st_size)]
    assert bundle.stem in visit.provision("model", "list", visit.stick).stdout
    done = visit.provision("model", "install", bundle.stem, visit.stick)
    assert done.returncode == 0, done.stderr
    assert "OK-MODEL" in done.stdout
    assert "not a diagnosis" in done.stdout
    made = visit.installed[bundle.stem]
    assert (made["built_in"], made["active"], made["problem"]) == (False, False, None)
    refused = visit.sonoedge("model", "activate", bundle.stem)
    assert refused.returncode == 2
    assert f"no entry of {bundle.stem}: description, verification protocol" in refused.stderr
    assert f"sonoedge model ledger add {bundle.stem}" in refused.stderr
    assert visit.codes[-1] == "OK-MODEL"
    assert '"OK-MODEL"' in next(visit.stick.glob("sonoedge/outbox/*/result.json")).read_text()
    assert not (visit.folder / "opt" / "incoming").exists()


def test_installing_it_again_changes_nothing(visit, bundle):
    visit.publish(bundle)
    for _ in range(2):
        assert visit.provision("model", "install", bundle.stem, visit.stick).returncode == 0
    assert bundle.stem in visit.installed


def test_a_model_that_is_not_there_is_refused_with_what_is(visit, bundle):
    visit.publish(bundle)
    done = visit.provision("model", "install", "lung-x-1.0.0", visit.stick)
    assert (done.returncode, bundle.stem in one_line(done)) == (2, True)
    assert visit.codes[-1] == "E-NO-MODEL"


def test_a_stick_without_models_lists_none(visit, bundle):
    visit.ok("release", "publish", visit.repository, visit.stick, "--keys", visit.keys)
    assert json.loads(visit.provision("model", "list", visit.stick, "--json").stdout) == []
    assert "holds no model" in one_line(visit.provision("model", "install", bundle.stem, visit.stick))


def test_a_changed_bundle_is_not_installed(visit, bundle):
    visit.publish(bundle)
    (target,) = visit.stick.glob("sonoedge/targets/models/*")
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    done = visit.provision("model", "install", bundle.stem, visit.stick)
    assert (done.returncode, "is not the file that was signed" in one_line(done)) == (2, True)
    assert visit.codes[-1] == "E-TAMPER"
    assert bundle.stem not in visit.installed
    assert not (visit.folder / "opt" / "incoming").exists()


def test_a_damaged_bundle_is_not_listed(visit, bundle):
    content = bytearray(bundle.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.write_bytes(content)
    done = visit.sonoedge("release", "add", visit.repository, bundle)
    assert done.returncode == 2
    assert one_line(done)


def test_another_model_of_the_same_name_is_refused_by_the_board(visit, bundle, candidate, tmp_path):
    visit.publish(bundle)
    assert visit.provision("model", "install", bundle.stem, visit.stick).returncode == 0
    other = visit.packed(candidate(tmp_path / "other", "9.0.0", pad=4))
    visit.publish(other)
    done = visit.provision("model", "install", other.stem, visit.stick)
    assert done.returncode == 2
    assert visit.codes[-1] == "E-MODEL"
    assert visit.installed[bundle.stem]["problem"] is None


def test_the_key_of_the_models_signs_nothing_else(visit, bundle):
    """A stolen key of the models brings no program: no board looks for one in its list."""
    visit.publish(bundle)
    assert "holds no release" in one_line(visit.provision("update", "check", visit.stick))
