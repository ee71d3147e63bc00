"""A sentence of the appliance carries a code and the values that it names."""

import copy
import json
import pickle

import pytest

from firmware_bridge.errors import Conflict, ProbeSilent
from firmware_bridge.says import Says, Stated, say, says_of


class Refused(Conflict):
    code = "refused"


def test_a_sentence_is_text_with_the_values_that_it_names_as_exact_as_it_shows_them():
    sentence = say("HOLD", "Hold still: {held:.1f} of {wanted:g} s", held=2.0499, wanted=6.5, unused=1)
    assert sentence == "Hold still: 2.0 of 6.5 s"
    assert says_of(sentence) == Says("HOLD", {"held": 2.0, "wanted": 6.5})
    assert json.dumps(sentence) == '"Hold still: 2.0 of 6.5 s"'


def test_a_sentence_within_a_sentence_stays_one():
    inner = say("SKIP_PAIN", "It hurts")
    assert say("SKIP_NOTED", "{why}: {note}", why=inner, note="x").says == Says("SKIP_NOTED", {"why": Says("SKIP_PAIN"), "note": "x"})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_json_cannot_carry_is_sent_as_text(value):
    assert say("X", "{figure:g}", figure=value).says.params == {"figure": str(value)}


def test_an_ordinary_text_and_one_that_was_put_together_say_nothing():
    assert says_of("text") is None
    assert says_of(Stated("text")) is None
    assert says_of("a " + say("X", "b")) is None


def test_a_sentence_survives_a_copy():
    sentence = say("X", "{n} of 3", n=1)
    assert copy.deepcopy(sentence).says == pickle.loads(pickle.dumps(sentence)).says == Says("X", {"n": 1})


def test_an_error_makes_its_sentences_of_its_values_and_sends_them_with_its_code():
    error = Refused("Zone {zone} is open", "Wait {seconds} s", says="zone_open", zone="L1", seconds=3)
    assert (error.what, error.fix, str(error)) == ("Zone L1 is open", "Wait 3 s", "Zone L1 is open. Wait 3 s.")
    assert error.says == Says("zone_open", {"zone": "L1", "seconds": 3})


def test_an_error_without_values_takes_its_sentences_as_they_are():
    assert Refused("{file} is damaged", "Use another").what == "{file} is damaged"
    assert Refused("{file} is damaged", "Use another").says is None


def test_an_error_whose_class_has_a_code_says_it_unless_it_has_its_own():
    assert ProbeSilent("the probe is silent", "Check it").says == Says("probe_silent")
    assert ProbeSilent("the probe is silent", "Check it", says="other").says == Says("other")
