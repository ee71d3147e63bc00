"""The count of a probe's Geometry and Settings messages since a start, by which a host notices that one of them was lost."""

MOST = 65535


def next_report(count: int) -> int:
    """The count with one more, from 1 to 65535 and then from 1 again: 0 means that nobody counts."""
    return count % MOST + 1
