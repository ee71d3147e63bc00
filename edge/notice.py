"""The notice next to every finding that is shown: SonoEdge is not a certified medical device."""

from collections.abc import Iterable

NOTICE = "research use, not a diagnosis"
NOT_VALIDATED = "MACHINE NOT VALIDATED"
"""The mark of a reading, a clip and an exam from a machine on which the model release is not validated; the same words everywhere."""
MACHINE_CHANGED = "MACHINE CHANGED"
"""The mark of a zone of which another machine made the images than of the first zone of its exam."""


def one_text(marks: Iterable[str]) -> str:
    """Marks as they are shown in one line, each once; empty without one."""
    return ", ".join(dict.fromkeys(filter(None, marks)))
