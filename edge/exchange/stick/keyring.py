"""The receivers whose public keys this board has: those for whom it wrote exams, and those that somebody brought on a stick.

A key on a stick is only an offer. The person who put it there opens what is written for it, so a person compares its fingerprint first.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.disk.durable import make_folder, replace_file
from edge.disk.keys import KeyUnusable
from edge.disk.plain_file import read_plain
from edge.exchange.stick.receiver import MOST_BYTES, PUBLIC, Receiver, load_receiver

MOST_KEYS = 50
"""Files of keys that are read on one stick."""


@dataclass(frozen=True, slots=True)
class OfferedKeys:
    """The keys on a stick; `unusable` states by the name of a file why it is none."""

    receivers: tuple[Receiver, ...]
    unusable: dict[str, str]


def offered_on(stick: Path) -> OfferedKeys:
    """The files NAME.receiver.json at the top of a stick.

    Raises:
        OSError: the stick cannot be read.
    """
    receivers, unusable = list[Receiver](), dict[str, str]()
    for path in sorted(each for each in stick.iterdir() if each.name.endswith(PUBLIC))[:MOST_KEYS]:
        try:
            receivers.append(load_receiver(path))
        except KeyUnusable as error:
            unusable[path.name] = error.what
    return OfferedKeys(tuple(receivers), unusable)


def remembered(folder: Path) -> Iterator[Receiver]:
    """Those for whom this board wrote exams; the folder need not exist."""
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError):
            yield Receiver.model_validate_json(read_plain(path, MOST_BYTES))


def remember(receiver: Receiver, folder: Path) -> None:
    """Who gets exams from here may send reviews back.

    Raises:
        OSError: the disk refuses it.
    """
    make_folder(folder)
    replace_file(folder / f"{receiver.mark}.json", receiver.model_dump_json(indent=1).encode())
