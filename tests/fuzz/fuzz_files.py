"""An atheris target for one kind of file: `python tests/fuzz/fuzz_files.py mcap|metaimage|nrrd|dicom [FOLDER]` after `pip install .[fuzz]`.

Each input is a valid file with some bytes changed, removed or inserted. Any exception outside our own family is a finding. Each input is
written to a file: with TMPDIR=/dev/shm a hundred times more inputs run per second than on a disk.
"""

import gzip
import io
import sys
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["firmware_bridge"]):
    import firmware_bridge.sources.dicom.recording
    import firmware_bridge.sources.mcap
    import firmware_bridge.sources.metaimage
    import firmware_bridge.sources.nrrd  # noqa: F401 - a later import would not be instrumented
    from firmware_bridge.errors import BridgeError
    from firmware_bridge.frame import Frame
    from firmware_bridge.recording import RecordingWriter
    from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss
    from firmware_bridge.sources.file import open_file

import numpy as np

STACK = np.random.default_rng(1).integers(0, 256, (3, 6, 9), np.uint8)
SAMPLES = STACK.tobytes()
MOST_FRAMES = 100


def mcap() -> bytes:
    stream = io.BytesIO()
    writer = RecordingWriter(stream, SourceInfo("x", "x", Origin.LIVE), "")
    for number, pixels in enumerate(STACK):
        writer.frame(Frame(pixels.copy(), number, number * 1000, number))
        writer.reading(number, {"x": 1}, number)
    writer.losses((SourceLoss("x", 1),), 1)
    writer.finish()
    return stream.getvalue()


def metaimage(**more: str) -> bytes:
    fields = {"NDims": "3", "DimSize": "9 6 3", "ElementType": "MET_UCHAR", "ElementSpacing": "0.2 0.3 1", "BinaryData": "True"} | more
    body = zlib.compress(SAMPLES) if "CompressedData" in more else SAMPLES
    return "".join(f"{key} = {value}\n" for key, value in fields.items()).encode() + b"ElementDataFile = LOCAL\n" + body


def nrrd(encoding: str, axes: str = "sizes: 9 6 3\nspace directions: (0.1,0,0) (0,0.2,0) (0,0,1)") -> bytes:
    head = f"NRRD0004\ntype: uint8\ndimension: 3\n{axes}\nencoding: {encoding}\n\n"
    return head.encode() + (gzip.compress(SAMPLES) if encoding == "gzip" else SAMPLES)


WOVEN = 'sizes: 3 9 6\nkinds: list domain domain\nlabels: "time" "" ""\naxis 0 index values:=0 1 2\nSeq_Frame0001_Status:=INVALID'


def dicom() -> bytes:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage

    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    one = FileDataset("x", {}, file_meta=meta, preamble=bytes(128))
    one.Rows, one.Columns, one.NumberOfFrames, one.FrameTime = 6, 9, 3, 40
    one.SamplesPerPixel, one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 1, 8, 8, 7, 0
    one.PhotometricInterpretation, one.PixelData = "MONOCHROME2", SAMPLES
    stream = io.BytesIO()
    one.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


SEEDS = {
    "mcap": [mcap()],
    "metaimage": [metaimage(), metaimage(CompressedData="True"), metaimage(UltrasoundImageType="RF_IQ_LINE", DimSize="18 3 3")],
    "nrrd": [nrrd("raw"), nrrd("gzip"), nrrd("raw", WOVEN), nrrd("gzip", WOVEN)],
    "dicom": [dicom()],
}
SUFFIXES = {"mcap": ".mcap", "metaimage": ".mha", "nrrd": ".nrrd", "dicom": ".dcm"}


def check(kind: str, path: Path, data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    whole = bytearray(provider.PickValueInList(SEEDS[kind]))
    for _ in range(provider.ConsumeIntInRange(0, 6)):
        at = provider.ConsumeIntInRange(0, max(0, len(whole) - 1))
        whole[at : at + provider.ConsumeIntInRange(0, 8)] = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 8))
    path.write_bytes(bytes(whole))
    with suppress(BridgeError), open_file(path) as source:
        for count, _ in enumerate(source.frames()):
            if count > MOST_FRAMES:
                break


def main() -> None:
    kind = sys.argv.pop(1)
    path = Path(tempfile.mkdtemp(prefix=f"fuzz-{kind}-")) / f"x{SUFFIXES[kind]}"
    atheris.Setup(sys.argv, lambda data: check(kind, path, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
