"""What lies next to the slots: `boot.pyz`, the boot program in one file (the same bytes each time), and the program of the safe page."""

import errno
import io
import zipfile
from pathlib import Path

from .files import Files, make_folders, replace
from .place import Place

BORN = (1980, 1, 1, 0, 0, 0)
PROGRAM = 0o755
SAFE = """#!/bin/sh
[ "${{1-}}" = run ] && exec /usr/bin/python3 -I {root}/boot.pyz --root {root} safe
echo "sonoedge: no slot of this board can start. Install it again: sudo provisioning/install.sh." >&2
exit 2
"""
MAIN = b"import sys\nfrom boot.__main__ import main\nsys.exit(main())\n"


SOURCES = Path(__file__).parent


def packed() -> bytes:
    """The content of `boot.pyz`.

    Raises:
        FileNotFoundError: this is `boot.pyz` itself, which has no sources to pack.
    """
    modules = sorted(SOURCES.glob("*.py"))
    if not modules:
        raise FileNotFoundError(errno.ENOENT, "the sources of the boot program are not here", str(SOURCES))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", BORN), MAIN)
        for module in modules:
            archive.writestr(zipfile.ZipInfo(f"boot/{module.name}", BORN), module.read_bytes())
    return b"#!/usr/bin/python3 -I\n" + content.getvalue()


def furnish(files: Files, place: Place) -> None:
    """Puts both in their places; what is there is replaced in one step each."""
    safe = place.safe / "bin" / "sonoedge"
    make_folders(files, safe.parent)
    replace(files, safe, SAFE.format(root=place.root).encode(), PROGRAM)
    replace(files, place.boot, packed(), PROGRAM)
