"""Over any history, honest or not, a device accepts and refuses what tuf's own client does: stages and floors change no meaning."""

import json
import random
from datetime import timedelta

import pytest
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater

from provisioning.codes import ProvisionRefused
from provisioning.trust.source import stick
from tests.provisioning.trust.simulator import NOW, PASSED, TOP, Device, Publisher, place, write

STEPS = 12


def honest(publisher, _):
    return publisher.release()


def timestamp_only(publisher, _):
    return publisher.release("timestamp")


def new_keys(publisher, chance):
    publisher.rotate(*chance.sample(TOP, chance.randint(1, 4)))
    return publisher.release()


def older_version(publisher, chance):
    role = chance.choice(TOP[1:])
    publisher.now[role].version = max(0, publisher.now[role].version - chance.randint(1, 3))
    return publisher.release()


def has_expired(publisher, chance):
    role = chance.choice(TOP[1:])
    publisher.now[role].expires = PASSED
    files = publisher.release()
    publisher.now[role].expires = NOW + timedelta(days=400)
    return files


def newest_file(publisher, chance):
    role = chance.choice(TOP)
    return place(role, publisher.now[role].version)


def flipped(publisher, chance):
    files, name = publisher.release(), newest_file(publisher, chance)
    content = bytearray(files[name])
    content[chance.randrange(len(content))] ^= 1
    return {**files, name: bytes(content)}


def missing(publisher, chance):
    files, name = publisher.release(), newest_file(publisher, chance)
    return {each: content for each, content in files.items() if each != name}


KINDS = (honest, honest, timestamp_only, new_keys, older_version, has_expired, flipped, missing)


class Stock:
    """tuf's own client, with a folder of its own."""

    def __init__(self, folder, bootstrap):
        self.accepted, self._bootstrap = folder, bootstrap
        folder.mkdir()

    def refresh(self, source):
        client = Updater(str(self.accepted), source.metadata, fetcher=source.fetcher, bootstrap=self._bootstrap)
        client._trusted_set.reference_time = NOW
        client.refresh()


def result(client, source):
    try:
        client.refresh(source)
    except (ProvisionRefused, RepositoryError, DownloadError):
        return "refused", versions(client.accepted)
    return "accepted", versions(client.accepted)


def versions(folder):
    return {role: json.loads(path.read_bytes())["signed"]["version"] for role in TOP if (path := folder / f"{role}.json").exists()}


@pytest.mark.parametrize("seed", range(12))
def test_history(seed, place):
    chance = random.Random(seed)
    publisher = Publisher(delegated=(), keys=1, threshold=1)
    bootstrap = publisher.release()["metadata/1.root.json"]
    clients = Stock(place / "tuf", bootstrap), Device(place / "device", bootstrap)
    history = []
    for kind in (honest, *chance.choices(KINDS, k=STEPS)):
        source = stick(write(kind(publisher, chance), place / "stick"))
        stock, device = (result(client, source) for client in clients)
        history.append((kind.__name__, stock, device))
        assert stock == device, history
