"""Lines as a MetaImage sequence (.mha), as PLUS and 3D Slicer open it: samples along the first axis, beams along the second, then frames.

The orientation is FM: the first axis goes far, the second one to the marked side. The lines of a fan have no common distance, so their file
states no spacing of pixels; its geometry is in the fields of `facts.py`.
"""

from pathlib import Path

from edge.disk.durable import replacing
from edge.exchange.beams.facts import facts_of, text_of
from edge.exchange.beams.parts import Lines


def write_metaimage(path: Path, lines: Lines) -> None:
    """Writes the lines, frame by frame.

    Raises:
        NoBeams: its geometry gives no lines.
        BridgeError: the recording cannot be read.
        OSError: the disk refuses it.
    """
    converter = lines.converter()
    beams, samples = converter.shape
    fields = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "DimSize": f"{samples} {beams} {len(lines.seconds)}",
        "Kinds": "domain domain list",
        **_spacing(lines),
        "ElementNumberOfChannels": "1",
        "ElementType": "MET_UCHAR",
        "UltrasoundImageOrientation": "FM",
        "UltrasoundImageType": "BRIGHTNESS",
        **{name: text_of(fact) for name, fact in facts_of(lines, converter).items()},
    }
    with replacing(path) as file:
        file.writelines(f"{name} = {value}\n".encode() for name, value in fields.items())
        for number, second in enumerate(lines.seconds):
            frame = {"FrameNumber": number, "UnfilteredTimestamp": f"{second:.6f}", "Timestamp": f"{second:.6f}", "ImageStatus": "OK"}
            file.writelines(f"Seq_Frame{number:04d}_{name} = {value}\n".encode() for name, value in frame.items())
        file.write(b"ElementDataFile = LOCAL\n")
        file.writelines(each.data for each in lines.converted(converter))


def _spacing(lines: Lines) -> dict[str, str]:
    """Along the samples, across the beams, and 1 from frame to frame."""
    if (spacing := lines.spacing_mm) is None:
        return {}
    across, down = spacing
    return {"ElementSpacing": f"{down:.9g} {across:.9g} 1"}
