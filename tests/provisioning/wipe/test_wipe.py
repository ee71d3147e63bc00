"""A wipe ends with nothing readable and a valid certificate, wherever it is cut."""

import shutil
from functools import partial
from itertools import count

import pytest

from edge.disk.layout import DataFolder
from provisioning.codes import ProvisionRefused
from provisioning.identity.statement import verified
from provisioning.wipe.files import DiskFiles
from provisioning.wipe.wipe import CERTIFICATE, MARKER, EraseCertificate, resume_wipe, secrets_of, wipe
from tests.provisioning.wipe.cut import CANARY, NOW, Counted, dying

FILES = DiskFiles()


def content_of(data):
    return {str(path.relative_to(data.root)): path.read_bytes() for path in data.root.rglob("*") if path.is_file()}


def refusal(act):
    with pytest.raises(ProvisionRefused) as refused:
        act()
    return refused.value


def require_erased(data, device, files):
    """Nothing but the certificate is left, and it is the one of this device."""
    left = content_of(data)
    assert set(left) == {CERTIFICATE} == {path.name for path in data.root.iterdir()}
    assert not any(secret in left[CERTIFICATE] for secret in (CANARY, b"PRIVATE KEY"))
    certificate = verified(left[CERTIFICATE], EraseCertificate, device.id)
    assert (certificate.files, certificate.begun_at, certificate.folder) == (files, NOW, str(data.root))
    return certificate


def wiping(data, device, files=FILES, copies=()):
    return wipe(files, data, device, device.id.lower(), NOW, copies=copies)


def test_a_wipe_leaves_its_certificate_alone(filled, tmp_path):
    data, device = filled()
    before = content_of(data)
    stick = tmp_path / "erased-on-stick.json"
    done = wiping(data, device, copies=[stick])
    certificate = require_erased(data, device, len(before) + 1)  # the link is a file of its own
    assert done.certificate == certificate
    assert done.unwritten == ()
    assert stick.read_bytes() == done.content == (data.root / CERTIFICATE).read_bytes()
    assert (tmp_path / "elsewhere" / "other.txt").read_bytes() == b"another person's"
    assert resume_wipe(FILES, data) is None


@pytest.mark.parametrize("typed", ["", "yes", "AAAA-AAAA-AAAA-A", "EH7D-DX5B-KSRG-X"])
def test_without_the_typed_id_nothing_changes(filled, typed):
    data, device = filled()
    before = content_of(data)
    assert refusal(lambda: wipe(FILES, data, device, typed, NOW)).cause == "E-ID"
    assert content_of(data) == before


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_before_any_operation_it_goes_on_to_the_same_end(filled, killed, tmp_path, step):
    whole, device = filled()
    before = content_of(whole)
    for number in count(1, step):
        data, stick = DataFolder(tmp_path / str(number)), tmp_path / f"{number}.json"
        shutil.copytree(whole.root, data.root, symlinks=True)
        if not killed(partial(wiping, data, device, dying(number), [stick])):
            break
        if (data.root / MARKER).exists():
            assert resume_wipe(FILES, data).unwritten == ()
        elif CERTIFICATE not in content_of(data):  # it was not begun: the device is as it was
            left = content_of(data)
            left.pop(f"{MARKER}.new", None)
            assert left == before
            wiping(data, device, copies=[stick])
        require_erased(data, device, len(before) + 1)
        assert stick.read_bytes() == (data.root / CERTIFICATE).read_bytes()
    assert number > 60


def test_cut_again_and_again_it_gets_there(filled, killed):
    data, device = filled()
    files = len(content_of(data)) + 1
    begun = next(number for number in count(1) if killed(partial(wiping, data, device, dying(number))) and (data.root / MARKER).exists())
    cuts = next(number for number in count(1) if not killed(partial(resume_wipe, dying(number), data)))
    assert begun > 20
    assert cuts > 15
    require_erased(data, device, files)


def test_the_keys_go_before_anything_else_and_only_after_the_marker_is_safe(filled):
    data, device = filled()
    done = []
    wiping(data, device, Counted(lambda _, name, arguments: done.append((name, *arguments[:1]))))
    changes = [each for each in done if each[0] in ("write", "overwrite", "sync", "rename", "remove", "remove_folder")]
    unfinished = data.root / f"{MARKER}.new"
    assert changes[:4] == [("write", unfinished), ("sync", unfinished), ("rename", unfinished), ("sync", data.root)]
    keys = [each for path in secrets_of(data) for each in (("overwrite", path), ("remove", path), ("sync", path.parent))]
    assert changes[4 : 4 + len(keys)] == keys
    assert changes[-2:] == [("remove", data.root / MARKER), ("sync", data.root)]


def test_a_key_is_overwritten_where_it_lies(filled):
    data, device = filled()
    copy = data.root.parent / "same blocks"
    copy.hardlink_to(secrets_of(data)[0])
    size = copy.stat().st_size
    wiping(data, device)
    assert copy.read_bytes() == bytes(size)


def test_a_stick_that_was_removed_stops_nothing_and_is_reported(filled, tmp_path):
    data, device = filled()
    gone = tmp_path / "gone" / "erased.json"
    assert wiping(data, device, copies=[gone]).unwritten == (gone,)
    assert verified((data.root / CERTIFICATE).read_bytes(), EraseCertificate).device == device.id


def test_a_disk_that_refuses_is_named_and_the_wipe_goes_on_later(filled):
    data, device = filled()

    def refuse(_, name, arguments):
        if name == "remove" and arguments[0] == data.records:
            raise OSError(5, "Input/output error", str(data.records))

    error = refusal(lambda: wiping(data, device, Counted(refuse)))
    assert error.cause == "E-WIPE"
    assert error.what == f"{data.records} cannot be erased (Input/output error)"
    assert resume_wipe(FILES, data).certificate.device == device.id


@pytest.mark.parametrize("content", [b"", b"{}", b'{"certificate": "{}", "copies": []}'])
def test_a_damaged_or_planted_marker_erases_nothing(filled, content):
    data, _ = filled()
    (data.root / MARKER).write_bytes(content)
    before = content_of(data)
    assert refusal(lambda: resume_wipe(FILES, data)).cause in ("E-WIPE", "E-STATEMENT")
    assert content_of(data) == before


def test_a_new_wipe_replaces_the_certificate_of_the_last_one(filled):
    wiping(*filled())
    data, device = filled()
    wiping(data, device)
    assert verified((data.root / CERTIFICATE).read_bytes(), EraseCertificate).device == device.id
