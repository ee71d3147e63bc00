"""Verification names the first changed entry, whatever a person with access to the file did to it."""

import hashlib
import json
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from functools import cache

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.disk.layout import DataFolder
from edge.records.audit.canonical import parse_canonical
from edge.records.audit.chain import Row, Tip, Wrong, describe, verify
from edge.records.audit.entry import BEGINNING, Entry, digest
from edge.records.audit.heads import Heads
from edge.records.audit.seal import Seal
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store, sealed
from firmware_bridge.errors import SonoEdgeError

ENTRIES = 200
TAMPERINGS = 1000
HEADS = (50, 100, 150, 200)
"""Entries at which a head was signed."""
SNAPSHOTS = (26, 80, 155, 190)
"""Entries at which a person took a copy of the whole database."""
GOES_ON = 40
"""So many entries are written after such a copy was put back."""


def fill(store, begin, end):
    """Entries such as exams make, ten in each transaction."""
    for first in range(begin, end, 10):
        with store.write() as change:
            for number in range(first, min(first + 10, end)):
                detail = {"exam": f"{number:08x}", "version": number, "probability": number / 7, "zones": ["R1", "L4"], "note": "ጤና"}
                change.log(f"operator {number % 5}", "finding.decided", f"finding/{number}", detail)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A log whose table has lost its rules, as a person who edits the file would arrange."""
    folder = tmp_path_factory.mktemp("base")
    store = Store.open(folder)
    reached = 0
    for stop in sorted({*HEADS, *SNAPSHOTS}):
        fill(store, reached, stop)
        reached = stop
        if stop in HEADS:
            Heads(folder).append(store)
        if stop in SNAPSHOTS:
            with closing(sqlite3.connect(DataFolder(folder).records)) as live, closing(sqlite3.connect(folder / f"{stop}.sqlite")) as copy:
                live.backup(copy)
    store.close()
    with closing(sqlite3.connect(DataFolder(folder).records, isolation_level=None)) as db:
        for index in ("ix_audit_actor", "ix_audit_act", "ix_audit_subject"):
            db.execute(f"DROP INDEX {index}")
        db.execute("ALTER TABLE audit RENAME TO old")
        db.execute("CREATE TABLE audit (seq INTEGER PRIMARY KEY, body, hash)")
        db.execute("INSERT INTO audit SELECT seq, body, hash FROM old")
        db.execute("DROP TABLE old")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@cache
def rows_of(base):
    with closing(sqlite3.connect(DataFolder(base).records)) as db:
        return db.execute("SELECT seq, CAST(body AS BLOB), hash FROM audit ORDER BY seq").fetchall()


class Copy:
    """A copy of the log, to be tampered with; `rows` are lists of number, body and digest."""

    def __init__(self, base, folder):
        self.base, self.folder, self.path = base, folder, DataFolder(folder).records
        folder.mkdir(exist_ok=True)
        for name in ("records.sqlite", "audit_key.pem", "audit_heads.jsonl"):
            shutil.copyfile(base / name, folder / name)
        self.rows = [list(row) for row in rows_of(base)]

    def write(self):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous=OFF")
            db.execute("BEGIN")
            db.execute("DELETE FROM audit")
            db.executemany("INSERT INTO audit VALUES (?, CAST(? AS TEXT), ?)", self.rows)
            db.execute("COMMIT")

    def sql(self, statement, *values):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute(statement, values)

    def verify(self):
        with closing(Store(self.path, Seal.of(self.folder))) as store:
            return AuditTrail(store).verify()

    def rehash(self, entry):
        self.rows[entry - 1][2] = hashlib.sha256(self.rows[entry - 1][1]).hexdigest()

    def say(self, entry, **fields):
        """Rewrites an entry in canonical form, with the digest that fits."""
        self.rows[entry - 1][1] = rfc8785.dumps(json.loads(self.rows[entry - 1][1]) | fields)
        self.rehash(entry)

    def relink(self, entry):
        """Makes everything from here on fit together again, as far as this is possible without the key."""
        for each in range(entry, len(self.rows) + 1):
            self.say(each, previous=self.rows[each - 2][2])

    def renumber(self):
        for number, row in enumerate(self.rows, 1):
            row[0] = number


def some(rng, low=1, high=ENTRIES):
    return rng.randint(low, high)


def edit_body(copy, rng):
    entry = some(rng)
    body = bytearray(copy.rows[entry - 1][1])
    body[rng.randrange(len(body))] ^= rng.randint(1, 255)
    copy.rows[entry - 1][1] = bytes(body)
    return entry, {Wrong.EDITED}


def edit_body_and_digest(copy, rng):
    entry, _ = edit_body(copy, rng)
    copy.rehash(entry)
    return entry, {Wrong.EDITED, Wrong.SWAPPED, Wrong.MISSING, Wrong.TIME}


def edit_digest(copy, rng):
    entry = some(rng)
    digits = list(copy.rows[entry - 1][2])
    place = rng.randrange(64)
    digits[place] = rng.choice([digit for digit in "0123456789abcdef" if digit != digits[place]])
    copy.rows[entry - 1][2] = "".join(digits)
    return entry, {Wrong.EDITED}


def say_otherwise(copy, rng):
    entry = some(rng)
    field = rng.choice(["actor", "act", "subject", "previous"])
    copy.say(entry, **{field: rng.choice(["", "somebody else", "ኣ", "f" * 64])})
    return entry, {Wrong.EDITED}


def reformat(copy, rng):
    entry = some(rng)
    copy.rows[entry - 1][1] = json.dumps(json.loads(copy.rows[entry - 1][1])).encode()
    copy.rehash(entry)
    return entry, {Wrong.EDITED}


def make_it_anything(copy, rng):
    entry = some(rng)
    copy.rows[entry - 1][1] = rng.choice([b"", b"\xff\xfe", b"null", b"[]", b"{}", b"[" * 10_000, b"x\n" * 99, b'{"seq":1}'])
    copy.rehash(entry)
    return entry, {Wrong.EDITED}


def delete(copy, rng):
    entry = some(rng, high=ENTRIES - 1)
    del copy.rows[entry - 1]
    return entry, {Wrong.MISSING}


def delete_and_renumber(copy, rng):
    entry, wrong = delete(copy, rng)
    copy.renumber()
    return entry, wrong


def delete_several(copy, rng):
    entry, many = some(rng, high=ENTRIES - 50), rng.randint(2, 50)
    del copy.rows[entry - 1 : entry - 1 + many]
    return entry, {Wrong.MISSING}


def truncate(copy, rng):
    keep = some(rng, 0, ENTRIES - 1)
    del copy.rows[keep:]
    return keep + 1, {Wrong.CUT_SHORT}


def truncate_and_forge_the_tip(copy, rng):
    keep = some(rng, 1, ENTRIES - 1)
    del copy.rows[keep:]
    seq, _, hash_ = copy.rows[-1]
    copy.sql("UPDATE audit_tip SET seq = ?, hash = ?", seq, hash_)
    return keep + 1, {Wrong.BEHIND}


def swap(copy, rng):
    first, second = sorted(rng.sample(range(1, ENTRIES + 1), 2))
    rows = copy.rows
    rows[first - 1][1:], rows[second - 1][1:] = rows[second - 1][1:], rows[first - 1][1:]
    return first, {Wrong.SWAPPED}


def swap_neighbours(copy, rng):
    first = some(rng, high=ENTRIES - 1)
    copy.rows[first - 1][1:], copy.rows[first][1:] = copy.rows[first][1:], copy.rows[first - 1][1:]
    return first, {Wrong.SWAPPED}


def insert_forged(copy, rng):
    place = some(rng)
    previous = copy.rows[place - 2][2] if place > 1 else BEGINNING
    body = rfc8785.dumps(json.loads(copy.rows[place - 1][1]) | {"seq": place, "previous": previous, "actor": "forger"})
    copy.rows.insert(place - 1, [0, body, hashlib.sha256(body).hexdigest()])
    copy.renumber()
    return place, {Wrong.INSERTED}


def insert_copy(copy, rng):
    place = some(rng)
    copy.rows.insert(place - 1, list(copy.rows[some(rng) - 1]))
    copy.renumber()
    return place, {Wrong.INSERTED, Wrong.SWAPPED, Wrong.MISSING}


def insert_before_the_first(copy, rng):
    number = rng.randint(-5, 0)
    copy.rows.insert(0, [number, *copy.rows[0][1:]])
    return number, {Wrong.INSERTED}


def append(copy, rng):
    copy.rows.append([ENTRIES + 1, b"", ""])
    copy.rows[-1][1] = copy.rows[-2][1]
    copy.say(ENTRIES + 1, seq=ENTRIES + 1, previous=copy.rows[-2][2], actor="forger")
    return ENTRIES + 1, {Wrong.INSERTED}


def rewrite_from(copy, rng):
    entry = some(rng)
    copy.say(entry, actor="somebody else")
    copy.relink(entry + 1)
    return min(head for head in HEADS if head >= entry), {Wrong.EDITED}


def rewrite_from_and_forge_the_tip(copy, rng):
    named, wrong = rewrite_from(copy, rng)
    copy.sql("UPDATE audit_tip SET hash = ?", copy.rows[-1][2])
    return named, wrong


def spoil_the_signature(copy, rng):
    copy.sql("UPDATE audit_tip SET signature = ?", rng.choice(["", "AAAA", "no base64", "é" * 9, "A" * 86 + "=="]))
    return ENTRIES, {Wrong.TIP}


def sign_with_another_key(copy, rng):
    key = Seal.of(copy.folder / f"other-{rng.random()}")
    copy.sql("UPDATE audit_tip SET signature = ?", key.sign(sealed(ENTRIES, copy.rows[-1][2])))
    return ENTRIES, {Wrong.TIP}


def delete_the_tip(copy, rng):
    copy.sql("DELETE FROM audit_tip")
    return ENTRIES, {Wrong.TIP}


def move_the_time(copy, rng):
    copy.sql("UPDATE audit_tip SET at = at + ?", rng.choice([-1, 1]) * rng.randint(1, 10**15))
    return ENTRIES, {Wrong.TIP}


def put_an_old_tip_back(copy, rng):
    stop = rng.choice(SNAPSHOTS)
    with closing(sqlite3.connect(copy.base / f"{stop}.sqlite")) as old:
        row = old.execute("SELECT seq, hash, at, signature FROM audit_tip").fetchone()
    copy.sql("UPDATE audit_tip SET seq = ?, hash = ?, at = ?, signature = ?", *row)
    return stop + 1, {Wrong.INSERTED}


def set_everything_back(copy, rng):
    stop = rng.choice(SNAPSHOTS)
    shutil.copyfile(copy.base / f"{stop}.sqlite", copy.path)
    return stop + 1, {Wrong.BEHIND}


def set_everything_back_and_go_on(copy, rng):
    stop = rng.choice(SNAPSHOTS)
    shutil.copyfile(copy.base / f"{stop}.sqlite", copy.path)
    store = Store.open(copy.folder)
    fill(store, stop, stop + GOES_ON)
    store.close()
    first = min(head for head in HEADS if head > stop)
    return (first, {Wrong.EDITED}) if first <= stop + GOES_ON else (stop + GOES_ON + 1, {Wrong.BEHIND})


ROWS = (
    *(edit_body, edit_body_and_digest, edit_digest, say_otherwise, reformat, make_it_anything, delete, delete_and_renumber, delete_several),
    *(truncate, truncate_and_forge_the_tip, swap, swap_neighbours, insert_forged, insert_copy, insert_before_the_first, append),
    *(rewrite_from, rewrite_from_and_forge_the_tip),
)
REST = (
    *(spoil_the_signature, sign_with_another_key, delete_the_tip, move_the_time, put_an_old_tip_back, set_everything_back),
    set_everything_back_and_go_on,
)
"""These leave the rows unchanged, or replace them with the whole file."""


def tampered(base, folder, tamper, rng):
    copy = Copy(base, folder)
    expected = tamper(copy, rng)
    if tamper in ROWS:
        copy.write()
    return expected, copy.verify()


def test_an_unchanged_log_is_whole(base, tmp_path):
    verdict = Copy(base, tmp_path / "copy").verify()
    assert (verdict.whole, verdict.entries, verdict.remarks) == (True, ENTRIES, ())


@pytest.mark.parametrize("tamper", ROWS + REST)
@pytest.mark.parametrize("seed", range(4))
def test_each_way_to_tamper_is_reported_by_its_name_and_its_entry(base, tmp_path, tamper, seed):
    (entry, wrong), verdict = tampered(base, tmp_path / "copy", tamper, random.Random(seed))
    assert verdict.fault is not None
    assert (verdict.fault.entry, verdict.fault.wrong in wrong) == (entry, True), describe(verdict.fault)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_of_1000_random_tamperings_is_caught_and_its_entry_named(base, tmp_path):
    missed = []
    for seed in range(TAMPERINGS):
        rng = random.Random(10_000 + seed)
        tamper = rng.choice(ROWS + REST)
        (entry, wrong), verdict = tampered(base, tmp_path / "copy", tamper, rng)
        if verdict.fault is None or verdict.fault.entry != entry or verdict.fault.wrong not in wrong:
            missed.append((seed, tamper.__name__, entry, verdict))
    assert missed == []


NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
logs = st.lists(st.tuples(texts, texts, texts, st.dictionaries(texts, values, max_size=4)), min_size=1, max_size=8)


def chained(logged, times=None):
    """Rows of a chain, and the tip that an appliance would sign."""
    rows, previous = [], BEGINNING
    for number, (actor, act, subject, detail) in enumerate(logged, 1):
        at = times[number - 1] if times else NOON + timedelta(seconds=number)
        body = Entry(number, at, actor, act, subject, previous, detail).body
        previous = digest(body)
        rows.append(Row(number, body.encode(), previous.encode()))
    return rows, Tip(len(rows), previous, None, signed=True)


@settings(max_examples=40, deadline=None)
@given(logs)
def test_any_logged_chain_is_whole(logged):
    rows, tip = chained(logged)
    assert verify(rows, tip).fault is None


@settings(max_examples=40, deadline=None)
@given(logs, st.data())
def test_any_flipped_byte_of_a_body_or_a_digest_is_named(logged, data):
    rows, tip = chained(logged)
    index = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["body", "hash"]))
    content = bytearray(getattr(rows[index], field))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    rows[index] = rows[index]._replace(**{field: bytes(content)})
    assert verify(rows, tip).fault.entry == index + 1


@settings(max_examples=40, deadline=None)
@given(logs, st.data())
def test_any_other_order_and_any_missing_entry_is_reported(logged, data):
    rows, tip = chained(logged)
    order = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=len(rows) + 1))
    shuffled = [Row(number, *rows[index][1:]) for number, index in enumerate(order, 1)]
    assert verify(shuffled, tip).whole == (order == list(range(len(rows))))


@given(st.binary() | texts.map(str.encode) | values.map(json.dumps).map(str.encode))
def test_only_canonical_json_is_read_and_the_content_is_that_of_any_reader(body):
    try:
        content = parse_canonical(body)
    except ValueError:
        return
    assert rfc8785.dumps(content) == body
    assert json.loads(body, parse_int=float) == content


@given(values)
def test_all_canonical_json_is_read(value):
    body = rfc8785.dumps(value)
    assert rfc8785.dumps(parse_canonical(body)) == body


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b"1.0",
        b"[1E2]",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'"\\u00e9"',
        b"-0",
        b" 1",
        b"9007199254740993",
        b"[" * 9999,
        b"[1.5," + b"[" * 9999,
    ],
)
def test_json_of_other_writers_is_not_canonical(body):
    with pytest.raises(ValueError, match=r"."):
        parse_canonical(body)


def test_time_that_goes_back_is_named_unless_the_clock_was_corrected():
    earlier = [NOON, NOON + timedelta(days=1), NOON]
    rows, tip = chained([("a", "x.done", "x", {})] * 3, earlier)
    assert (verify(rows, tip).fault.entry, verify(rows, tip).fault.wrong) == (3, Wrong.TIME)
    rows, tip = chained([("a", "x.done", "x", {})] * 2 + [("admin", "clock.corrected", "clock", {})], earlier)
    verdict = verify(rows, tip)
    assert verdict.whole
    assert verdict.remarks == ("entry 3, 2026-11-25 12:00 UTC: the clock was corrected",)


def test_an_empty_log_is_whole_and_one_that_lost_everything_is_not(tmp_path, base):
    assert verify([], None).whole
    copy = Copy(base, tmp_path / "copy")
    copy.rows = []
    copy.write()
    copy.sql("DELETE FROM audit_tip")
    fault = copy.verify().fault
    assert (fault.entry, fault.wrong) == (1, Wrong.BEHIND)


def test_entries_lost_to_a_backup_are_a_remark_and_no_fault(base, tmp_path):
    copy = Copy(base, tmp_path / "copy")
    shutil.copyfile(base / f"{SNAPSHOTS[-1]}.sqlite", copy.path)
    store = Store.open(copy.folder)
    with store.write() as change:
        change.log("appliance", "notice.made", "notice/1", {})
        change.log("appliance", "records.replaced", "records", {"known": ENTRIES})
    fill(store, SNAPSHOTS[-1] + 2, ENTRIES + 20)
    verdict = AuditTrail(store).verify()
    store.close()
    assert verdict.whole
    assert [remark.partition(": ")[2] for remark in verdict.remarks] == ["the records were replaced by a backup, or by empty ones"]


def test_unsigned_lines_of_the_heads_are_a_remark_and_change_nothing(base, tmp_path):
    copy = Copy(base, tmp_path / "copy")
    with (copy.folder / "audit_heads.jsonl").open("ab") as file:
        file.write(b'{"seq": 2000, "hash": "", "at": "2026-11-25T12:00:00+00:00", "signature": ""}\nnothing\n')
    verdict = copy.verify()
    assert verdict.whole
    assert verdict.remarks == ("2 lines of the signed heads are not signed by this appliance's key",)


def test_progress_is_reported(base, tmp_path):
    reported = []
    copy = Copy(base, tmp_path / "copy")
    copy.sql(f"INSERT INTO audit SELECT seq + {ENTRIES}, body, hash FROM audit")
    with closing(Store(copy.path, Seal.of(copy.folder))) as store:
        assert AuditTrail(store).verify(lambda done, of: reported.append((done, of))).fault.entry == ENTRIES + 1
    rows, tip = chained([("a", "x.done", "x", {})] * 4000)
    verify(rows, tip, progress=reported.append)
    assert reported == [2000, 4000]


def stored(path):
    """Everything that verification covers, as it is read; None where it cannot be read."""
    with closing(sqlite3.connect(path)) as db:
        try:
            rows = db.execute("SELECT seq, CAST(body AS BLOB), CAST(hash AS BLOB) FROM audit ORDER BY seq").fetchall()
            return rows, db.execute("SELECT seq, CAST(hash AS BLOB), at, CAST(signature AS BLOB) FROM audit_tip WHERE id = 1").fetchall()
        except sqlite3.Error:
            return None


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_of_the_file_is_noticed_or_changes_nothing(base, tmp_path, seed):
    copy, rng = Copy(base, tmp_path / "copy"), random.Random(seed)
    content, as_written = bytearray(copy.path.read_bytes()), stored(copy.path)
    noticed = 0
    for _ in range(30):
        place, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        content[place] ^= bit
        copy.path.write_bytes(content)
        content[place] ^= bit
        try:
            whole = copy.verify().whole
        except SonoEdgeError:
            whole = False
        noticed += not whole
        assert not whole or stored(copy.path) == as_written
        for left in ("-wal", "-shm"):
            copy.path.with_name(copy.path.name + left).unlink(missing_ok=True)
    assert noticed > 0
