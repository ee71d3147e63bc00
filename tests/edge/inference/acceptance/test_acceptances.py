import json
import pickle
from datetime import date, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.inference.acceptance.acceptance import FORMAT, Acceptance, Why, Withdrawal, first_on
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.acceptance.errors import AcceptanceNotWritten, AcceptanceUnknown, AcceptanceUnusable
from edge.inference.acceptance.file import packed, unpacked
from edge.inference.acceptance.judge import judge
from edge.inference.acceptance.stated import accepted as stated
from edge.inference.finding_label import FindingLabel
from edge.records.audit.seal import Seal
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine

NETWORK, OTHER_NETWORK = "a" * 64, "b" * 64
AT = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
VSCAN = Machine("GE", "Vscan Air")
A_LINES = FindingLabel("a_lines", "A-lines", 2.0, 1.0, 0.4, 0.6)


@pytest.fixture(scope="session")
def seal():
    return Seal(Ed25519PrivateKey.generate())


@pytest.fixture
def finding(site, label):
    return stated(judge([label], 0.1, site())[0])


@pytest.fixture
def accepted(finding):
    def make(number=1, **changes):
        facts = {
            "format": FORMAT,
            "id": f"01900000-0000-7000-8000-{number:012}",
            "machine": VSCAN.name,
            "release": "lung-s-1.0.0",
            "model_sha256": NETWORK,
            "clips": 100,
            "patients": 50,
            "labels_sha256": "c" * 64,
            "findings": (finding,),
            "by": "Hana Girma (hana)",
            "at": AT + timedelta(minutes=number),
        }
        return Acceptance(**{**facts, **changes})

    return make


@pytest.fixture
def shelf(tmp_path, seal):
    return Acceptances(tmp_path / "acceptances", lambda: seal)


def holds(shelf, network=NETWORK, machine=VSCAN, now=AT + timedelta(days=1)):
    found = shelf.holding(network, machine, now)
    return None if found is None else found.id


def test_what_is_written_is_read_again_by_another_program(shelf, accepted, tmp_path, seal):
    path = shelf.add(accepted())
    again = Acceptances(tmp_path / "acceptances", lambda: seal)
    assert again.get(path.stem) == accepted()
    assert holds(again) == accepted().id


def test_those_that_hold_for_a_network_are_listed_the_newest_first(shelf, accepted):
    first, other, second = accepted(1), accepted(2, machine="Acme Scan"), accepted(3)
    made = (first, other, second, accepted(4, model_sha256=OTHER_NETWORK), accepted(5, until=date(2026, 3, 1)))
    for each in made:
        shelf.add(each)
    assert shelf.held(NETWORK, AT + timedelta(days=1)) == (second, other, first)
    assert first_on(shelf.held(NETWORK, AT + timedelta(days=1)), VSCAN) == second
    assert pickle.loads(pickle.dumps(second)) == second


def test_without_a_folder_nothing_is_accepted_and_no_key_is_made(tmp_path):
    def no_key():
        raise AssertionError("a key was asked for")

    shelf = Acceptances(tmp_path / "none", no_key)
    assert shelf.all() == ()
    assert holds(shelf) is None
    assert shelf.unheard(NETWORK, AT) == ()


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ({"network": OTHER_NETWORK}, Why.OTHER_RELEASE),
        ({"machine": Machine("GE", "Vscan")}, Why.OTHER_MACHINE),
        ({"machine": UNKNOWN_MACHINE}, Why.OTHER_MACHINE),
        ({"now": datetime(2026, 7, 1, tzinfo=timezone.utc)}, Why.EXPIRED),
    ],
)
def test_it_holds_for_its_release_its_machine_and_its_time_only(shelf, accepted, case, why):
    made = accepted(until=date(2026, 6, 30))
    shelf.add(made)
    assert holds(shelf) == made.id
    assert holds(shelf, now=datetime(2026, 6, 30, 23, 59, tzinfo=timezone.utc)) == made.id
    assert holds(shelf, **case) is None
    facts = {"network": NETWORK, "machine": VSCAN, "now": AT, **case}
    assert made.obstacle(facts["network"], facts["machine"], facts["now"]).why is why


def test_a_clock_that_was_set_back_does_not_revive_it(accepted):
    made = accepted(at=datetime(2026, 7, 1, tzinfo=timezone.utc), until=date(2026, 6, 30))
    assert made.obstacle(NETWORK, VSCAN, datetime(1970, 1, 1, tzinfo=timezone.utc)).why is Why.EXPIRED


def test_a_withdrawn_one_holds_no_more_and_stays_on_record(shelf, accepted):
    made = accepted()
    path = shelf.add(made)
    ended = shelf.withdraw(made.id[:20], Withdrawal(by="Abebe", at=AT, reason="another probe"))
    assert holds(shelf) is None
    assert shelf.get(made.id) == ended
    assert ended.obstacle(NETWORK, VSCAN, AT).what == "Abebe withdrew it on 2026-03-01: another probe"
    content = path.read_bytes()
    assert shelf.withdraw(made.id, Withdrawal(by="Hana", at=AT, reason="again")) == ended
    assert path.read_bytes() == content


def test_the_newest_that_holds_is_used(shelf, accepted):
    for number in (2, 1, 3):
        shelf.add(accepted(number))
    assert holds(shelf) == accepted(3).id
    shelf.withdraw(accepted(3).id, Withdrawal(by="Abebe", at=AT, reason="x"))
    assert holds(shelf) == accepted(2).id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("GE Vscan Air", "GE Vscan Pro"), "not signed by this appliance"),
        (lambda text: text[:-40], "is not an acceptance"),
        (lambda _: "", "is not an acceptance"),
        (lambda _: "[" * 100_000, "is not an acceptance"),
        (lambda _: json.dumps({"acceptance": "{}", "signature": "é"}), "not signed by this appliance"),
    ],
)
def test_one_that_was_changed_is_never_used_and_never_silent(shelf, accepted, change, why):
    path = shelf.add(accepted())
    path.write_text(change(path.read_text()))
    assert holds(shelf) is None
    (sentence,) = shelf.unheard(NETWORK, AT)
    assert why in sentence
    with pytest.raises(AcceptanceUnusable, match=why):
        shelf.get(path.stem)


def test_one_of_another_appliance_is_refused(accepted, shelf):
    other = Seal(Ed25519PrivateKey.generate())
    path = shelf.add(accepted())
    path.write_bytes(packed(accepted(), other))
    assert holds(shelf) is None
    assert "comes from another one" in shelf.unheard(NETWORK, AT)[0]


def test_a_copy_under_another_name_is_refused(shelf, accepted):
    path = shelf.add(accepted())
    path.rename(path.with_stem("copy"))
    assert holds(shelf) is None
    assert "Move this copy away" in shelf.unheard(NETWORK, AT)[0]


def test_fields_of_a_newer_program_are_signed_and_survive_a_withdrawal(accepted, shelf, seal):
    newer = json.loads(accepted().model_dump_json()) | {"added": 5}
    text = json.dumps(newer)
    content = json.dumps({"acceptance": text, "signature": seal.sign(f"sonoedge-acceptance {text}"), "also": 1}).encode()
    path = shelf.add(accepted())
    path.write_bytes(content)
    assert holds(shelf) == accepted().id
    shelf.withdraw(accepted().id, Withdrawal(by="Abebe", at=AT, reason="x"))
    assert json.loads(json.loads(path.read_bytes())["acceptance"])["added"] == 5


def test_another_format_needs_a_newer_program(accepted, seal):
    text = json.dumps(json.loads(accepted().model_dump_json()) | {"format": "sonoedge-acceptance/2"})
    content = json.dumps({"acceptance": text, "signature": seal.sign(f"sonoedge-acceptance {text}")}).encode()
    with pytest.raises(AcceptanceUnusable, match="newer program"):
        unpacked(content, "a file", seal)


def test_a_release_that_reads_without_its_acceptance_is_stated(shelf, accepted):
    shelf.add(accepted())
    assert shelf.unheard(NETWORK, AT) == ()
    (sentence,) = shelf.unheard(OTHER_NETWORK, AT)
    assert sentence.startswith(
        "The acceptance of lung-s-1.0.0 on GE Vscan Air does not hold: it is of lung-s-1.0.0, and another release reads"
    )
    shelf.add(accepted(2, model_sha256=OTHER_NETWORK, release="lung-s-2.0.0"))
    assert shelf.unheard(OTHER_NETWORK, AT) == ()
    assert shelf.unheard(NETWORK, AT) == ()
    for number in (1, 2):
        shelf.withdraw(accepted(number).id, Withdrawal(by="Abebe", at=AT, reason="x"))
    assert shelf.unheard("d" * 64, AT) == ()


def test_on_its_machine_the_accepted_findings_have_the_local_calibration_and_others_stay_open(shelf, accepted, finding, label):
    shelf.add(accepted())
    on = shelf.on(NETWORK, (label, A_LINES), lambda: AT)
    here, open_ = on(VSCAN)
    assert (here.key, here.name, here.slope, here.present_from) == ("b_lines", "B-lines", finding.slope, finding.present_from)
    assert (open_.key, open_.slope, open_.set_of(0.99)) == ("a_lines", 2.0, ("present", "absent"))
    assert on(Machine("GE", "Vscan")) is None


def test_a_withdrawal_counts_within_a_second_and_another_machine_at_once(shelf, accepted, label):
    ran = 0.0
    on = shelf.on(NETWORK, (label,), lambda: AT, lambda: ran)
    assert on(VSCAN) is None
    shelf.add(accepted())
    assert on(VSCAN) is None
    ran = 1.0
    assert on(VSCAN) is not None
    shelf.withdraw(accepted().id, Withdrawal(by="Abebe", at=AT, reason="x"))
    assert on(VSCAN) is not None
    assert on(UNKNOWN_MACHINE) is None
    assert on(VSCAN) is None


@pytest.mark.parametrize("ident", ["", "no", "01900000"])
def test_an_id_that_names_none_or_several_is_refused(shelf, accepted, ident):
    shelf.add(accepted(1))
    shelf.add(accepted(2))
    with pytest.raises(AcceptanceUnknown):
        shelf.get(ident)


def test_a_disk_that_refuses_accepts_nothing(accepted, seal, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AcceptanceNotWritten, match="cannot be written"):
        Acceptances(tmp_path / "file" / "x", lambda: seal).add(accepted())
    shelf = Acceptances(tmp_path / "good", lambda: seal)
    shelf.add(accepted())
    with pytest.raises(AcceptanceNotWritten, match="cannot be written"):
        shelf.add(accepted())
