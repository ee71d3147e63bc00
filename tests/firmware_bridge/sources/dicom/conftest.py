"""Small DICOM objects, made afresh for each test."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gdcm
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, FileMetaDataset, dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless, UltrasoundMultiFrameImageStorage

from firmware_bridge.frame import Frame, Grey
from firmware_bridge.sources.file import open_file

MakeObject = Callable[..., Dataset]
Save = Callable[[Dataset], Path]


@dataclass(frozen=True)
class Read:
    """What came of a file: its frames, what was lost by cause, and the number of frames that it announces."""

    frames: list[Frame]
    losses: dict[str, int]
    announced: int | None

    @property
    def pixels(self) -> list[Grey]:
        return [frame.pixels for frame in self.frames]


@pytest.fixture(scope="session")
def an_object() -> MakeObject:
    """An uncompressed ultrasound object of (frames, rows, columns) or (frames, rows, columns, 3) pixels."""

    def make(pixels: NDArray[np.generic], **values: object) -> Dataset:
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = UltrasoundMultiFrameImageStorage
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3"
        dataset.NumberOfFrames, dataset.Rows, dataset.Columns = pixels.shape[:3]
        dataset.SamplesPerPixel = 3 if pixels.ndim == 4 else 1
        dataset.PhotometricInterpretation = "RGB" if pixels.ndim == 4 else "MONOCHROME2"
        dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.itemsize
        dataset.HighBit = dataset.BitsStored - 1
        dataset.PixelRepresentation = 0
        dataset.PixelData = pixels.tobytes()
        for name, value in values.items():
            setattr(dataset, name, value)
        return dataset

    return make


@pytest.fixture(scope="session")
def packed(an_object: MakeObject) -> MakeObject:
    """A compressed object of frames that are already encoded; its labels are those of a colour JPEG cine unless others are given."""

    def make(
        frames: Sequence[bytes],
        shape: tuple[int, int],
        syntax: str = JPEGBaseline8Bit,
        *,
        table: bool = True,
        fragments: int = 1,
        **values: object,
    ) -> Dataset:
        blank = np.zeros((len(frames), *shape, 3), np.uint8)
        dataset = an_object(blank, **{"PhotometricInterpretation": "YBR_FULL_422", "PlanarConfiguration": 0} | values)
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.PixelData = encapsulate(list(frames), fragments_per_frame=fragments, has_bot=table)
        dataset["PixelData"].is_undefined_length = True
        dataset["PixelData"].VR = "OB"
        return dataset

    return make


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(dataset: Dataset) -> Path:
        path = tmp_path / "clip.dcm"
        dataset.save_as(path, enforce_file_format=True)
        return path

    return save


@pytest.fixture(scope="session")
def read_file() -> Callable[[Path], Read]:
    """Reads a file to its end."""

    def all_of(path: Path) -> Read:
        with open_file(path) as source:
            frames = list(source.frames())
            return Read(frames, {loss.cause: loss.frames for loss in source.losses}, source.info.frames)

    return all_of


@pytest.fixture
def read(saved: Save, read_file: Callable[[Path], Read]) -> Callable[[Dataset | Path], Read]:
    """Reads an object or a file to its end."""
    return lambda what: read_file(saved(what) if isinstance(what, Dataset) else what)


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """A picture (rows, columns) or (rows, columns, 3) as Pillow encodes it, with the options of Pillow."""

    def encode(picture: NDArray[np.uint8], kind: str = "JPEG", **options: object) -> bytes:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, kind, **options)
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def recoded(tmp_path_factory: pytest.TempPathFactory, an_object: MakeObject) -> Callable[..., bytes]:
    """A picture as GDCM, or for RLE pydicom, encodes it under a transfer syntax of GDCM and a PhotometricInterpretation."""

    def encode(picture: NDArray[np.uint8], syntax: int, kind: str) -> bytes:
        path = tmp_path_factory.mktemp("recoded") / "x.dcm"
        made = an_object(picture[np.newaxis], PhotometricInterpretation=kind, PlanarConfiguration=0)
        if syntax == gdcm.TransferSyntax.RLELossless:  # GDCM's encoder of RLE ends the process on ARM
            made.compress(RLELossless, encoding_plugin="pydicom")
            return next(generate_frames(made.PixelData, number_of_frames=1))
        made.save_as(path, enforce_file_format=True)
        reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
        reader.SetFileName(str(path))
        assert reader.Read()
        change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(str(path))
        assert writer.Write()
        return next(generate_frames(dcmread(path).PixelData, number_of_frames=1))

    return encode
