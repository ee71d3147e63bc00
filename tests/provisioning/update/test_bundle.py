"""The bundle of a release: only what its manifest lists is written, and only with the listed content."""

import hashlib
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.boot.files import RealFiles
from provisioning.codes import ProvisionRefused
from provisioning.update import bundle, manifest
from provisioning.update.manifest import Item, Manifest
from tests.provisioning.releases import facts_of

WHEEL, SBOM = "wheels/sonoedge.whl", "sbom.json"
CONTENTS = {SBOM: b"{}", WHEEL: b"wheel " * 1000}


def facts(contents):
    items = tuple(Item(path=name, size=len(each), sha256=hashlib.sha256(each).hexdigest()) for name, each in contents.items())
    return Manifest(**facts_of(3).model_dump(), files=items)


def written(tmp_path, contents):
    """The bytes of a bundle as a publisher writes it."""
    sources = {name: tmp_path / f"source-{number}" for number, name in enumerate(contents)}
    for name, path in sources.items():
        path.write_bytes(contents[name])
    packed = io.BytesIO()
    bundle.write(packed, facts(contents), sources)
    return packed.getvalue()


def entry(name, content=b"", kind=tarfile.REGTYPE, target=""):
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, len(content), target
    return made, content


def tar(*entries, form=tarfile.USTAR_FORMAT):
    """A bundle as an attacker writes it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as made:
        for about, content in entries:
            made.addfile(about, io.BytesIO(content))
    return packed.getvalue()


LISTED = [entry(manifest.NAME, facts(CONTENTS).model_dump_json().encode()), entry(SBOM, CONTENTS[SBOM]), entry(WHEEL, CONTENTS[WHEEL])]


class Unpacked:
    """Unpacks into an empty folder in a folder of the test."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def __call__(self, packed):
        self.count += 1
        self.into = self.folder / f"{self.count}" / "into"
        self.into.mkdir(parents=True)
        path = self.folder / f"{self.count}" / "bundle.tar"
        path.write_bytes(packed)
        return bundle.unpack(RealFiles(), path, self.into)

    @property
    def found(self):
        return {str(path.relative_to(self.into)): path.read_bytes() for path in self.into.rglob("*") if path.is_file()}

    def refused(self, packed):
        with pytest.raises(ProvisionRefused) as refused:
            self(packed)
        assert refused.value.cause == "E-TAMPER"
        assert "bundle.tar" in refused.value.what
        outside = {path.name for path in self.into.parent.iterdir()} - {"into", "bundle.tar"}
        assert not outside
        assert set(self.found) <= set(CONTENTS)
        assert not any(path.is_symlink() for path in self.into.rglob("*"))
        return refused.value.what


@pytest.fixture
def unpack(tmp_path):
    return Unpacked(tmp_path)


def test_what_is_written_is_unpacked(tmp_path, unpack):
    assert unpack(written(tmp_path, CONTENTS)) == facts(CONTENTS)
    assert unpack.found == CONTENTS


def test_the_same_files_give_the_same_bytes(tmp_path):
    first = written(tmp_path, CONTENTS)
    (tmp_path / "source-0").touch()
    (tmp_path / "source-0").chmod(0o600)
    assert written(tmp_path, CONTENTS) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as made:
        assert {(each.mtime, each.mode, each.uid, each.uname) for each in made} == {(0, 0o644, 0, "")}


def test_the_facts_are_read_without_unpacking(tmp_path):
    packed = written(tmp_path, CONTENTS)
    assert bundle.first(io.BytesIO(packed), "a bundle") == facts(CONTENTS)
    assert bundle.first(io.BytesIO(packed[:4096]), "a bundle") == facts(CONTENTS)


def test_a_file_that_has_become_shorter_is_no_bundle(tmp_path):
    short = tmp_path / "short"
    short.write_bytes(b"{")
    with pytest.raises(OSError, match="unexpected end of data"):
        bundle.write(io.BytesIO(), facts(CONTENTS), dict.fromkeys(CONTENTS, short))


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_any_form_of_tar_with_the_listed_files(unpack, form):
    unpack(tar(*LISTED, form=form))
    assert unpack.found == CONTENTS


MANIFEST, FIRST, SECOND = LISTED
BAD = {
    "nothing": [],
    "no manifest": [FIRST, SECOND],
    "the manifest last": [FIRST, SECOND, MANIFEST],
    "two manifests": [MANIFEST, *LISTED],
    "a manifest that is a link": [entry(manifest.NAME, kind=tarfile.SYMTYPE, target=SBOM), FIRST, SECOND],
    "a manifest that is a folder": [entry(manifest.NAME, kind=tarfile.DIRTYPE), FIRST, SECOND],
    "a manifest above its limit": [entry(manifest.NAME, MANIFEST[1] + b" " * manifest.MOST_BYTES), FIRST, SECOND],
    "one more file": [*LISTED, entry("more")],
    "one more file with a pax name": [*LISTED, entry("x" * 300)],
    "a file twice": [*LISTED, SECOND],
    "a file too few": [MANIFEST, FIRST],
    "swapped contents": [MANIFEST, entry(SBOM, CONTENTS[WHEEL]), entry(WHEEL, CONTENTS[SBOM])],
    "upper case": [MANIFEST, entry(SBOM.upper(), CONTENTS[SBOM]), SECOND],
    "a file shorter": [MANIFEST, FIRST, entry(WHEEL, CONTENTS[WHEEL][:-1])],
    "a file longer": [MANIFEST, FIRST, entry(WHEEL, CONTENTS[WHEEL] + b"x")],
    "another content of the same size": [MANIFEST, FIRST, entry(WHEEL, CONTENTS[WHEEL][:-1] + b"x")],
    "a folder": [MANIFEST, entry("wheels", kind=tarfile.DIRTYPE), FIRST, SECOND],
    "a folder in the place of a file": [MANIFEST, FIRST, entry(WHEEL, kind=tarfile.DIRTYPE)],
    "a symbolic link": [MANIFEST, FIRST, entry(WHEEL, kind=tarfile.SYMTYPE, target="/etc/passwd")],
    "a hard link": [MANIFEST, FIRST, entry(WHEEL, kind=tarfile.LNKTYPE, target=SBOM)],
    "a character device": [MANIFEST, FIRST, entry(WHEEL, kind=tarfile.CHRTYPE)],
    "a block device": [MANIFEST, FIRST, entry(WHEEL, kind=tarfile.BLKTYPE)],
    "a pipe": [MANIFEST, FIRST, entry(WHEEL, kind=tarfile.FIFOTYPE)],
    "an absolute name": [MANIFEST, entry("/sbom.json", CONTENTS[SBOM]), SECOND],
    "a name that leads out": [MANIFEST, entry("../sbom.json", CONTENTS[SBOM]), SECOND],
    "a name with a detour": [MANIFEST, entry("wheels/../sbom.json", CONTENTS[SBOM]), SECOND],
    "a name with a dot": [MANIFEST, entry("./sbom.json", CONTENTS[SBOM]), SECOND],
    "a link to a folder that a file then uses": [MANIFEST, FIRST, entry("wheels", kind=tarfile.SYMTYPE, target="/tmp"), SECOND],
}


@pytest.mark.parametrize("entries", BAD.values(), ids=BAD)
def test_anything_else_than_the_manifest_lists(unpack, entries):
    unpack.refused(tar(*entries, form=tarfile.PAX_FORMAT))


@pytest.mark.parametrize("content", [b"", CONTENTS[WHEEL] * 100])
def test_of_a_file_with_another_size_nothing_is_written(unpack, content):
    unpack.refused(tar(MANIFEST, FIRST, entry(WHEEL, content)))
    assert set(unpack.found) == {SBOM}


def test_a_manifest_whose_digests_are_those_of_other_files(unpack):
    other = facts({**CONTENTS, WHEEL: CONTENTS[WHEEL][:-1] + b"x"}).model_dump_json().encode()
    assert WHEEL in unpack.refused(tar(entry(manifest.NAME, other), FIRST, SECOND))


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
def test_a_compressed_bundle_is_none(unpack, mode):
    """Nothing grows while it is read."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as made:
        for about, content in LISTED:
            made.addfile(about, io.BytesIO(content))
    unpack.refused(packed.getvalue())


def test_headers_without_end(unpack):
    """Each header of a long name is read by the one before it."""
    about = tarfile.TarInfo("x")
    about.type = tarfile.XHDTYPE
    unpack.refused(about.tobuf(tarfile.USTAR_FORMAT) * 3000)


def test_a_truncated_bundle_is_refused_or_whole(tmp_path, unpack):
    """What follows the last file has no effect."""
    packed = written(tmp_path, CONTENTS)
    last = packed.rindex(CONTENTS[WHEEL][-6:]) + 6
    for length in (*range(0, 2048, 64), *range(2048, last, 509), last - 1):
        unpack.refused(packed[:length])
    for length in (last + 512, len(packed) - 1, len(packed)):
        unpack(packed[:length])
        assert unpack.found == CONTENTS


def cause_of(act):
    """The code of a refusal; empty where nothing is refused."""
    try:
        act()
    except ProvisionRefused as refused:
        return refused.cause
    return ""


def test_a_flipped_byte_is_refused_or_without_effect(tmp_path, unpack):
    packed = written(tmp_path, CONTENTS)
    causes = []
    for at in [*range(0, 512, 7), *range(512, len(packed), 211)]:
        changed = packed[:at] + bytes([packed[at] ^ 0x20]) + packed[at + 1 :]
        causes.append(cause_of(lambda changed=changed: unpack(changed)))
        assert causes[-1] or unpack.found == CONTENTS
    assert set(causes) == {"E-TAMPER", ""}
    assert causes.count("E-TAMPER") > 60


@given(st.binary(max_size=3000))
def test_any_bytes_are_refused(content):
    with pytest.raises(ProvisionRefused) as refused:
        bundle.first(io.BytesIO(content), "the stick")
    assert refused.value.cause == "E-TAMPER"


WHOLE = tar(*LISTED, form=tarfile.PAX_FORMAT)


@given(at=st.integers(0, len(WHOLE) - 1), changed=st.binary(min_size=1, max_size=200))
def test_any_changed_bytes_are_refused_or_stay_a_manifest(at, changed):
    content = WHOLE[:at] + changed + WHOLE[at + len(changed) :]
    assert cause_of(lambda: bundle.first(io.BytesIO(content), "the stick")) in {"E-TAMPER", ""}
