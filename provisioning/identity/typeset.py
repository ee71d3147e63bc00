"""Typesets a page of provisioning with typst."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

Form = Literal["pdf", "png", "svg"]
PNG_DPI = 300


def typeset(template: Path, form: Form, inputs: Mapping[str, str], code: str, made_at: datetime | None = None) -> bytes:
    """The page in one form; the template finds the text `code` as a QR code in `code.svg`. The same arguments give the same bytes.

    Only the fonts that come with typst are used, so that each board prints the same page.
    """
    import segno  # noqa: PLC0415 - wanted for a page only
    import typst  # noqa: PLC0415 - large, and wanted for a page only

    with TemporaryDirectory() as folder:
        segno.make_qr(code, error="m").save(str(Path(folder) / "code.svg"), border=4)
        made = typst.compile(
            Path(shutil.copy(template, folder)),
            font_paths=typst.Fonts(include_system_fonts=False),
            format=form,
            ppi=float(PNG_DPI),
            timestamp=made_at,
            sys_inputs=dict(inputs),
        )
    return _with_resolution(made) if form == "png" else made


def _with_resolution(png: bytes) -> bytes:
    """Adds the resolution: typst does not state it, and a printer needs it for the true size."""
    from PIL import Image  # noqa: PLC0415 - wanted for a label only

    made = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.save(made, "PNG", dpi=(PNG_DPI, PNG_DPI))
    return made.getvalue()
