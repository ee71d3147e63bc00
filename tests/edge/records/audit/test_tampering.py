"""Verification names the first changed entry, whatever a person with access to the file did to it."""

import hashlib
import json
import random
import shutil
import sqlite3
from contextlib import closing

import pytest
import rfc8785
from audit_log import ENTRIES, HEADS, SNAPSHOTS, Copy, fill

from edge.records.audit.chain import Wrong, describe
from edge.records.audit.entry import BEGINNING
from edge.records.audit.seal import Seal
from edge.records.store import Store, sealed

TAMPERINGS = 1000
GOES_ON = 40
"""So many entries are written after a copy of before was put back."""


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
