"""A claim code works once, is stored as a hash only, and its tries survive restarts."""

import re
import shutil
import stat
from contextlib import suppress
from functools import partial
from itertools import count

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.identity.claim import ALPHABET, CLAIM, LENGTH, TRIES, consume_claim, make_claim

WRONG = "00000-00000"


def refused(folder, typed):
    with pytest.raises(ProvisionRefused) as error:
        consume_claim(folder, typed)
    assert error.value.cause == "E-CLAIM"
    return error.value.what


def test_a_code_has_at_least_40_bits_of_letters_that_look_unlike(tmp_path):
    codes = {make_claim(tmp_path) for _ in range(3)}
    assert len(codes) == 3
    assert all(re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code) for code in codes)
    assert len(ALPHABET) ** LENGTH >= 2**40
    assert not set("ILOU") & set(ALPHABET)


def test_a_code_works_once(tmp_path):
    code = make_claim(tmp_path)
    consume_claim(tmp_path, code)
    assert "already used" in refused(tmp_path, code)


def test_people_type_it_in_their_own_way(tmp_path):
    code = make_claim(tmp_path)
    typed = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    consume_claim(tmp_path, typed)


def test_the_code_itself_is_not_stored(tmp_path):
    code = make_claim(tmp_path)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert code.encode() not in stored
    assert code.replace("-", "").encode() not in stored
    assert stat.S_IMODE((tmp_path / CLAIM).stat().st_mode) == 0o600


def test_after_its_tries_the_right_code_is_refused_too(tmp_path):
    code = make_claim(tmp_path)
    for left in range(TRIES - 1, -1, -1):
        assert f"{left} tries are left" in refused(tmp_path, WRONG)
    assert "no longer valid" in refused(tmp_path, code)


def test_a_new_code_ends_the_previous_one(tmp_path):
    old, new = make_claim(tmp_path), make_claim(tmp_path)
    refused(tmp_path, old)
    consume_claim(tmp_path, new)


def test_a_power_cut_leaves_a_code_that_works_once(tmp_path, killed_before):
    code = make_claim(tmp_path / "whole")
    for number in count(1):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        if not killed_before(number, partial(consume_claim, folder, code)):
            break
        with suppress(ProvisionRefused):
            consume_claim(folder, code)
        assert "already used" in refused(folder, code)
    assert number >= 10


def test_a_wrong_try_is_counted_before_it_is_answered(tmp_path, killed_before):
    make_claim(tmp_path)
    assert not killed_before(1000, lambda: consume_claim(tmp_path, WRONG))
    assert f"{TRIES - 2} tries are left" in refused(tmp_path, WRONG)


@pytest.mark.parametrize("content", ["", "{}", '{"salt": "00", "hash": "zz"}'])
def test_a_damaged_file_admits_nobody(tmp_path, content):
    code = make_claim(tmp_path)
    (tmp_path / CLAIM).write_text(content)
    assert "damaged" in refused(tmp_path, code)


@pytest.mark.parametrize("folder", ["", "absent"])
def test_without_a_code_the_device_is_not_set_up(tmp_path, folder):
    with pytest.raises(ProvisionRefused) as error:
        consume_claim(tmp_path / folder, WRONG)
    assert error.value.cause == "E-NOT-SET-UP"
