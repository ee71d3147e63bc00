"""PINs: which are refused, and that the stored hash does not show the PIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.people.pin import Argon2Pins, Parameters, PinRefused, good

PINS = Argon2Pins(lambda: Parameters(1, 8))


@pytest.mark.parametrize("pin", ["482915", "739154", "90817263", "271828182845"])
def test_a_pin_without_a_pattern_is_accepted(pin):
    assert good(pin) == pin


@pytest.mark.parametrize(
    "pin",
    [
        *("", "1234", "48291", "4829151234567", "48291a", "48 915", "٤٨٢٩١٥", "000000", "123456", "987654", "890123", "121212", "482482"),
        *("123321", "112112", "13579135", "1\n2345"),
    ],
)
def test_a_pin_that_is_short_or_no_number_or_easy_to_guess_is_refused_and_not_repeated_in_the_error(pin):
    with pytest.raises(PinRefused) as refused:
        good(pin)
    assert not pin or pin not in str(refused.value)


def test_a_site_can_allow_four_digits_but_not_a_pin_that_is_easy_to_guess():
    assert good("4829", shortest=4) == "4829"
    for pin in ("0000", "1234", "4321", "1212", "1221"):
        with pytest.raises(PinRefused):
            good(pin, shortest=4)


def test_the_digits_of_the_badge_are_refused_as_a_pin():
    with pytest.raises(PinRefused):
        good("482915", unlike="N-482-915")


@given(st.text("0123456789", min_size=6, max_size=12))
def test_a_hash_accepts_its_pin_and_no_other(pin):
    pin_hash = PINS.keep(pin)
    assert pin not in pin_hash
    assert PINS.holds(pin_hash, pin)
    assert not PINS.holds(pin_hash, pin[::-1] + "0")


def test_two_people_with_the_same_pin_have_different_hashes():
    assert PINS.keep("482915") != PINS.keep("482915")


@pytest.mark.parametrize(
    "damaged", ["", "$argon2id$", "no hash", PINS.keep("482915")[:-3]], ids=["empty", "no more than a name", "no hash", "cut off"]
)
def test_a_damaged_hash_accepts_no_pin(damaged):
    assert not PINS.holds(damaged, "482915")


def test_other_parameters_are_seen_in_the_hash():
    assert not PINS.outdated(PINS.keep("482915"))
    assert Argon2Pins(lambda: Parameters(2, 8)).outdated(PINS.keep("482915"))


def test_the_hash_for_an_unknown_name_costs_as_much_as_a_real_one():
    assert not PINS.outdated(PINS._nobody)
    assert not PINS.holds(PINS._nobody, "482915")
