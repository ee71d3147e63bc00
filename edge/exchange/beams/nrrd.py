"""Lines as an NRRD sequence (.seq.nrrd), as 3D Slicer opens it: samples, beams, one slice, then frames with their times.

Source: the definition of the NRRD file format (teem.sourceforge.net/nrrd/format.html); the index values are those of Slicer's sequences.
"""

from pathlib import Path

from edge.disk.durable import replacing
from edge.exchange.beams.facts import facts_of, text_of
from edge.exchange.beams.parts import Lines


def write_nrrd(path: Path, lines: Lines) -> None:
    """Writes the lines, frame by frame.

    Raises:
        NoBeams: its geometry gives no lines.
        BridgeError: the recording cannot be read.
        OSError: the disk refuses it.
    """
    converter = lines.converter()
    beams, samples = converter.shape
    fields = {
        "type": "unsigned char",
        "dimension": "4",
        "sizes": f"{samples} {beams} 1 {len(lines.seconds)}",
        "kinds": "domain domain domain list",
        **_spacing(lines),
        "labels": '"sample" "beam" "" "time"',
        "encoding": "raw",
    }
    pairs = {
        "ultrasound image orientation": "FM",
        "ultrasound image type": "BRIGHTNESS",
        "axis 3 index type": "numeric",
        "axis 3 index values": " ".join(f"{second:.6f}" for second in lines.seconds),
        **{name: text_of(fact) for name, fact in facts_of(lines, converter).items()},
    }
    with replacing(path) as file:
        file.write(b"NRRD0005\n")
        file.writelines(f"{name}: {value}\n".encode() for name, value in fields.items())
        file.writelines(f"{name}:={value}\n".encode() for name, value in pairs.items())
        file.write(b"\n")
        file.writelines(each.data for each in lines.converted(converter))


def _spacing(lines: Lines) -> dict[str, str]:
    if (spacing := lines.spacing_mm) is None:
        return {"units": '"" "" "" "s"'}
    across, down = spacing
    return {"spacings": f"{down:.9g} {across:.9g} nan nan", "units": '"mm" "mm" "" "s"'}
