"""An export is verified elsewhere on its own: by the same walk, the key and the signed head in the file."""

import hashlib
import json
import random
from contextlib import closing

import pytest

from edge.disk.layout import DataFolder
from edge.records.audit.chain import Wrong
from edge.records.audit.export import export, write_export
from edge.records.audit.export_check import verify_export
from edge.records.errors import ExportUnusable, RecordsFull, RecordsUnusable
from edge.records.store import Store

ENTRIES = 2500
"""More than two pages, so that progress is reported."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with closing(Store.open(tmp_path_factory.mktemp("records"))) as opened:
        with opened.write() as change:
            for number in range(ENTRIES):
                change.log("ጤና", "finding.decided", f"finding/{number}", {"probability": number / 7})
        yield opened


@pytest.fixture(scope="module")
def whole(store):
    """The lines of one export of all entries; the export is an entry too."""
    return list(export(store, "tester"))


@pytest.fixture
def exported(tmp_path, whole):
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"".join(whole))
    return path


def test_an_export_is_whole_and_names_its_key_and_its_head(store, exported):
    found = verify_export(exported)
    assert (found.verdict.whole, found.verdict.entries, found.after) == (True, ENTRIES + 1, 0)
    assert (found.head.seq, found.fingerprint) == (ENTRIES + 1, store.seal.fingerprint)
    assert DataFolder(store.path.parent).audit_heads.exists()


def test_a_few_lines_of_code_can_check_it(whole):
    previous = "0" * 64
    for line in whole[1:-1]:
        assert json.loads(line)["previous"] == previous
        previous = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
    assert json.loads(whole[-1])["head"]["hash"] == previous


@pytest.mark.parametrize("after", [1, 1000, ENTRIES])
def test_a_later_part_is_verified_from_the_entry_before_it(store, tmp_path, after):
    path = tmp_path / "part.jsonl"
    write_export(path, export(store, "tester", after))
    found = verify_export(path)
    assert (found.verdict.whole, found.after) == (True, after)
    assert json.loads(path.read_text().splitlines()[1])["seq"] == after + 1


def test_progress_is_reported(store, exported):
    reported = []
    list(export(store, "tester", progress=lambda done, of: reported.append((done, of))))
    assert [done for done, _ in reported][:2] == [1000, 2000]
    assert reported[-1][0] == reported[-1][1]
    counts = []
    verify_export(exported, counts.append)
    assert counts == [2000]


@pytest.mark.parametrize("seed", range(60))
def test_any_tampering_with_the_file_is_named(exported, whole, seed):
    rng = random.Random(seed)
    lines, line = list(whole), rng.randint(1, len(whole) - 2)
    other = rng.choice([each for each in range(1, len(whole) - 1) if each != line])
    match seed % 6:
        case 0:
            body = bytearray(lines[line])
            place = rng.randrange(len(body) - 1)
            body[place] = rng.choice([value for value in range(256) if value not in (10, body[place])])
            lines[line], named = bytes(body), {line}
        case 1:
            del lines[line]
            named = {line}
        case 2:
            lines[line], lines[other] = lines[other], lines[line]
            named = {min(line, other)}
        case 3:
            del lines[line:-1]
            named = {line}
        case 4:
            del lines[line:]
            named = {line}
        case 5:
            lines.insert(line, lines[other])
            named = {line}
    exported.write_bytes(b"".join(lines))
    assert verify_export(exported).verdict.fault.entry in named


@pytest.mark.parametrize("cut", [1, 40, 400, 5000, 200_000])
def test_an_export_that_was_cut_anywhere_is_cut_short(exported, cut):
    content = exported.read_bytes()
    exported.write_bytes(content[:-cut])
    found = verify_export(exported)
    entries = content[:-cut].count(b"\n") - 1
    assert (found.verdict.fault.wrong, found.verdict.fault.entry) == (Wrong.CUT_SHORT, entries + 1)


def test_a_chain_with_a_key_of_its_own_is_whole_and_has_another_fingerprint(store, tmp_path):
    with closing(Store.open(tmp_path / "forged")) as forged:
        write_export(tmp_path / "forged.jsonl", export(forged, "forger"))
    found = verify_export(tmp_path / "forged.jsonl")
    assert found.verdict.whole
    assert found.fingerprint != store.seal.fingerprint


def test_a_key_that_was_exchanged_does_not_sign(exported, whole, tmp_path):
    with closing(Store.open(tmp_path / "other")) as other:
        first = json.loads(whole[0]) | {"public_key": other.seal.public}
    exported.write_bytes(json.dumps(first).encode() + b"\n" + b"".join(whole[1:]))
    assert verify_export(exported).verdict.fault.wrong is Wrong.TIP


@pytest.mark.parametrize("body", [b"\xff\xfe", b"two\nlines", b""])
def test_a_spoilt_body_is_exported_and_named(tmp_path, body):
    with closing(Store.open(tmp_path)) as store:
        for _ in range(3):
            with store.write() as change:
                change.log("tester", "x.done", "x", {})
        with store._writing.begin() as connection:
            connection.exec_driver_sql("UPDATE audit SET body = CAST(? AS TEXT) WHERE seq = 2", (body,))
        write_export(tmp_path / "audit.jsonl", export(store, "tester"))
    assert verify_export(tmp_path / "audit.jsonl").verdict.fault.entry == 2


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"\xff", b'{"format": "sonoedge-audit/1"}\n', b"[" * 99_999, b"null\n{}\n"])
def test_a_file_that_is_not_an_export_is_refused(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(ExportUnusable, match="is not an export"):
        verify_export(path)


def test_a_path_that_cannot_be_read_or_written_and_a_missing_entry_are_reported(store, tmp_path):
    with pytest.raises(ExportUnusable, match="cannot be read"):
        verify_export(tmp_path / "none")
    with pytest.raises(RecordsFull, match="cannot be written"):
        write_export(tmp_path / "none" / "audit.jsonl", [])
    for after in (-1, 10**6):
        with pytest.raises(ExportUnusable, match=f"no entry {after}"):
            export(store, "tester", after)


def test_an_export_that_cannot_be_finished_leaves_the_previous_file(tmp_path):
    def lines():
        yield b"first\n"
        raise RecordsUnusable("the records are damaged", "Restore a backup")

    path = tmp_path / "audit.jsonl"
    write_export(path, [b"old\n"])
    with pytest.raises(RecordsUnusable):
        write_export(path, lines())
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("audit.jsonl", b"old\n")]
