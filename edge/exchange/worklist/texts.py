"""Text of a DICOM dataset from its bytes, strictly: what no stated character set explains is flagged, and never guessed.

pydicom reads bytes without a Specific Character Set (0008,0005) as Latin-1, and replaces what it cannot decode; a name would be lost.
"""

import unicodedata
import warnings
from collections.abc import Sequence

from pydicom.charset import convert_encodings, decode_bytes, python_encoding

ASCII_TERMS = ("", "ISO_IR 6", "ISO 2022 IR 6")
DELIMITERS = frozenset(map(ord, "^=\\\n\r\t\f"))
"""After which a text begins in the first character set again, PS3.5 6.1.2.5.3."""
REPLACED = "\ufffd"


def decoded(content: bytes, terms: Sequence[str]) -> tuple[str, bool]:
    r"""The text without the padding at its end, and whether it is certain. `terms` are the values of Specific Character Set.

    Uncertain bytes are written as `\xC3`.
    """
    content = content.rstrip(b" \0")
    text = _strict(content, [term.strip() for term in terms])
    if text is None or any(unicodedata.category(each) == "Cc" and each not in "\n\r\t\f" for each in text):
        return "".join(chr(each) if 0x20 <= each < 0x7F else f"\\x{each:02X}" for each in content), False
    return text, True


def _strict(content: bytes, terms: Sequence[str]) -> str | None:
    if any(term not in python_encoding for term in terms):
        return None
    try:
        if not terms or (len(terms) == 1 and terms[0] in ASCII_TERMS):
            return content.decode("ascii")
        if len(terms) == 1:
            return content.decode(python_encoding[terms[0]])
    except UnicodeDecodeError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of what it replaces
        text = decode_bytes(content, convert_encodings(list(terms)), set(DELIMITERS))
    return None if REPLACED in text else text
