"""Any chain of entries is whole as it was logged, and the first entry that differs is named."""

from contextlib import closing
from datetime import datetime, timedelta, timezone

from audit_log import ENTRIES, Copy, texts, values
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records.audit.chain import Row, Tip, Wrong, verify
from edge.records.audit.entry import BEGINNING, Entry, digest
from edge.records.audit.seal import Seal
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
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


@settings(max_examples=40)
@given(logs)
def test_any_logged_chain_is_whole(logged):
    rows, tip = chained(logged)
    assert verify(rows, tip).fault is None


@settings(max_examples=40)
@given(logs, st.data())
def test_any_flipped_byte_of_a_body_or_a_digest_is_named(logged, data):
    rows, tip = chained(logged)
    index = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["body", "hash"]))
    content = bytearray(getattr(rows[index], field))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    rows[index] = rows[index]._replace(**{field: bytes(content)})
    assert verify(rows, tip).fault.entry == index + 1


@settings(max_examples=40)
@given(logs, st.data())
def test_any_other_order_and_any_missing_entry_is_reported(logged, data):
    rows, tip = chained(logged)
    order = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=len(rows) + 1))
    shuffled = [Row(number, *rows[index][1:]) for number, index in enumerate(order, 1)]
    assert verify(shuffled, tip).whole == (order == list(range(len(rows))))


def test_time_that_goes_back_is_named_unless_the_clock_was_corrected():
    earlier = [NOON, NOON + timedelta(days=1), NOON]
    rows, tip = chained([("a", "x.done", "x", {})] * 3, earlier)
    assert (verify(rows, tip).fault.entry, verify(rows, tip).fault.wrong) == (3, Wrong.TIME)
    rows, tip = chained([("a", "x.done", "x", {})] * 2 + [("admin", "clock.corrected", "clock", {})], earlier)
    verdict = verify(rows, tip)
    assert verdict.whole
    assert verdict.remarks == ("entry 3, 2026-11-25 12:00 UTC: the clock was corrected",)


def test_progress_is_reported(base, tmp_path):
    reported = []
    copy = Copy(base, tmp_path / "copy")
    copy.sql(f"INSERT INTO audit SELECT seq + {ENTRIES}, body, hash FROM audit")
    with closing(Store(copy.path, Seal.of(copy.folder))) as store:
        assert AuditTrail(store).verify(lambda done, of: reported.append((done, of))).fault.entry == ENTRIES + 1
    rows, tip = chained([("a", "x.done", "x", {})] * 4000)
    verify(rows, tip, progress=reported.append)
    assert reported == [2000, 4000]
