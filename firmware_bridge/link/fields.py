"""JSON payloads, checked: every value has the type of the specification, or the message is malformed.

Unknown keys are ignored, so that a newer peer may send more.
"""

import json
import math
from typing import NoReturn

from firmware_bridge.errors import MalformedMessage


def malformed(what: str) -> MalformedMessage:
    return MalformedMessage(f"a message from the probe breaks the SonoLink specification: {what}", "Update the probe's firmware")


def dump(values: dict[str, object]) -> memoryview:
    """The values as compact JSON in UTF-8, without those that are None."""
    known = {key: value for key, value in values.items() if value is not None}
    return memoryview(json.dumps(known, separators=(",", ":"), allow_nan=False).encode())


class Fields:
    """The object in a JSON payload; each reader raises MalformedMessage for a value of another type.

    Raises:
        MalformedMessage: the payload is not one JSON object in UTF-8.
    """

    def __init__(self, payload: bytes | memoryview) -> None:
        try:
            values = json.loads(bytes(payload).decode(), parse_constant=_refuse_constant) if len(payload) else {}
        except (ValueError, RecursionError) as error:
            raise malformed("the payload is not JSON") from error
        if not isinstance(values, dict):
            raise malformed("the payload is not a JSON object")
        self._values: dict[str, object] = values

    def text(self, key: str, default: str | None = None) -> str:
        return _text(key, self._values.get(key, default))

    def maybe_text(self, key: str) -> str | None:
        return None if self._values.get(key) is None else self.text(key)

    def count(self, key: str, default: int | None = None) -> int:
        """A whole number from 0."""
        value = self._values.get(key, default)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else _refuse(key, "a whole number from 0")

    def maybe_count(self, key: str) -> int | None:
        return None if self._values.get(key) is None else self.count(key)

    def maybe_number(self, key: str) -> float | None:
        value = self._values.get(key)
        return None if value is None else _number(key, value)

    def maybe_pair(self, key: str) -> tuple[float, float] | None:
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            _refuse(key, "a pair of numbers")
        return _number(key, value[0]), _number(key, value[1])

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(_text(key, item) for item in self._list(key))

    def versions(self, key: str) -> tuple[int, ...]:
        """Version numbers, each from 1 to 255, at least one."""
        items = self._list(key)
        known = tuple(item for item in items if isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= 255)
        return known if known and len(known) == len(items) else _refuse(key, "a list of versions from 1 to 255")

    def _list(self, key: str) -> list[object]:
        value = self._values.get(key, [])
        return value if isinstance(value, list) else _refuse(key, "a list")


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        _refuse(key, "text")
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse(key, "valid Unicode text")  # half a surrogate pair, which cannot be encoded
    return value


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _refuse(key, "a number")
    try:
        number = float(value)
    except OverflowError:
        _refuse(key, "a finite number")
    return number if math.isfinite(number) else _refuse(key, "a finite number")


def _refuse(key: str, wanted: str) -> NoReturn:
    raise malformed(f"{key!r} is not {wanted}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
