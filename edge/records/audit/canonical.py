"""Reads canonical JSON (RFC 8785) and refuses any other JSON; a hundred thousand entries take a second or two."""

import json
import re

import rfc8785

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
_RARE = re.compile(rb"[\xf0-\xff]")
"""Beyond the basic plane RFC 8785 sorts keys by UTF-16 unit, and Python by code point."""
EXACT = 2**53 - 1
"""Above this number, not every whole number is a double."""
USUAL_DIGITS = 15


class _Rare(Exception):
    """A number whose canonical form only the library knows."""


def _usual_float(digits: str) -> float:
    """Without an exponent, Python writes a fraction as ECMAScript and RFC 8785 do: with the fewest digits that read back the same."""
    number = float(digits)
    if "e" in digits or repr(number) != digits or digits.endswith(".0"):
        raise _Rare
    return number


def _usual_int(digits: str) -> int:
    if len(digits) > USUAL_DIGITS:
        raise _Rare
    return int(digits)


def _whole(digits: str) -> int | float:
    return number if abs(number := int(digits)) <= EXACT else float(digits)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_float=_usual_float, parse_int=_usual_int, parse_constant=_refuse_constant).decode


def parse_canonical(body: bytes) -> object:
    """The content of the body.

    Raises:
        ValueError: it is not canonical JSON.
    """
    try:
        return _parse(body, body.decode())
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _parse(body: bytes, text: str) -> object:
    try:
        content = _decode(text)
        if _encode(content) == text and (text.isascii() or _RARE.search(body) is None):
            return content
    except _Rare:
        pass
    content = json.loads(text, parse_int=_whole, parse_constant=_refuse_constant)
    if rfc8785.dumps(content) != body:
        raise ValueError("it is not in canonical form")
    return content
