"""The first image of a buffer, without what lies before and behind it, such as the rest of an earlier image.

Source: ITU-T T.81, annex B.
"""

import re

BEGINS, ENDS = b"\xff\xd8", b"\xff\xd9"
FRAMES, SCAN, APP0 = (0xC0, 0xC1), 0xDA, 0xE0
"""Markers of a sequential image, whose one scan may have all components, of a scan, and of a program's own segment."""
FILL = 0xFF
"""Any number of these may stand before a marker."""
FIELD = re.compile(rb"AVI1[\1\2]")
"""This segment marks one of two interlaced images: the second one follows."""
SCAN_ENDS = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""Any marker but a restart."""


def first_image(data: bytes) -> bytes:
    """The image from its start mark to the end of its scan, with an end mark.

    Other bytes, such as a progressive or an interlaced JPEG, come back unchanged: the decoder judges them.
    """
    begin, components = data.find(BEGINS), 0
    at = begin + len(BEGINS) if begin >= 0 else len(data)
    while at + 10 <= len(data) and data[at] == 0xFF:
        kind, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == FILL:
            at += 1
            continue
        if kind in FRAMES:
            components = data[at + 9]
        elif kind == APP0 and FIELD.match(data, at + 4):
            break
        elif kind == SCAN:
            if data[at + 4] != components:
                break
            end = SCAN_ENDS.search(data, at + 2 + size)
            return data[begin : end.start() if end else len(data)] + ENDS
        at += 2 + size
    return data
