"""DICOM objects of one invented patient, for the tests of this folder."""

import struct

import numpy as np
from PIL import Image, ImageDraw
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from edge.exchange.codes import FINDING, LUNG, PRESENT
from firmware_bridge.virtual_probe.chest import Chest

US_MULTIFRAME, REPORT_CLASS = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.88.33"
NAME, IDENTIFIER, BORN, TAKEN = "Abebe^Selamawit", "P-0001", "19320302", "20260714"
SIZE, FRAMES = 128, 3
CHEST = Chest(3, size=SIZE)
BURNED = "SELAMAWIT"


def coded(code):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme, code.meaning
    return item


def described(kind=US_MULTIFRAME):
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = kind, "2.25.1001"
    made.StudyInstanceUID, made.SeriesInstanceUID = "2.25.1002", "2.25.1003"
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = NAME, IDENTIFIER, BORN, "F"
    made.StudyDate, made.StudyTime, made.ContentDate, made.ContentTime = TAKEN, "101500", TAKEN, "101612.5"
    made.AccessionNumber, made.StudyID, made.ReferringPhysicianName = "A77", "S1", "Ref^Doctor"
    made.OperatorsName, made.ImageComments, made.DeviceSerialNumber = "Sara", "seen with her son", "SN-77-01"
    made.Manufacturer, made.ManufacturerModelName = "Butterfly", "iQ3 of Ward 9"
    operator = Dataset()
    person = Dataset()
    person.CodeValue, person.CodingSchemeDesignator, person.CodeMeaning = "OP-017", "99LOCAL", "Sara of Ward 9"
    operator.PersonIdentificationCodeSequence = [person]
    made.OperatorIdentificationSequence = [operator]
    made.AnatomicRegionSequence = [coded(LUNG)]
    return made


def pictures(text=BURNED):
    """Frames of a chest with a name in a corner outside its fan, for a moment."""
    frames = []
    for count in range(FRAMES):
        picture = Image.fromarray(CHEST.image(count / 25))
        if count == 1:
            ImageDraw.Draw(picture).text((1, 1), text, fill=255)
        frames.append(np.asarray(picture))
    return frames


def image(path, syntax=ExplicitVRLittleEndian, frames=None):
    """A clip as a file; returns its path."""
    made, frames = described(), pictures() if frames is None else frames
    colour = frames[0].ndim == 3
    made.Modality, made.NumberOfFrames, made.FrameTime, made.FrameIncrementPointer = "US", len(frames), 40, 0x00181063
    made.Rows, made.Columns, made.SamplesPerPixel = *frames[0].shape[:2], 3 if colour else 1
    made.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        made.PlanarConfiguration = 0
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = b"".join(frame.tobytes() for frame in frames)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.SourceApplicationEntityTitle = "WARD9"
    if syntax != ExplicitVRLittleEndian:
        options = {"rows": made.Rows, "columns": made.Columns, "samples_per_pixel": made.SamplesPerPixel, "number_of_frames": 1}
        options |= {"bits_allocated": 8, "bits_stored": 8, "pixel_representation": 0, "planar_configuration": 0}
        options |= {"photometric_interpretation": made.PhotometricInterpretation}
        plugin = "pydicom" if syntax == RLELossless else ""  # that of GDCM aborts on aarch64
        made.PixelData = encapsulate([get_encoder(syntax).encode(frame, encoding_plugin=plugin, **options) for frame in frames])
        made.file_meta.TransferSyntaxUID = syntax
    made.save_as(path, enforce_file_format=True)
    return path


def item_of(kind, name=FINDING, **values):
    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = "CONTAINS", kind, [coded(name)]
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def report():
    """A verified report with a code, a text and the name of its reader."""
    made = described(REPORT_CLASS)
    made.Modality, made.ValueType, made.ContinuityOfContent = "SR", "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence, made.VerificationFlag, made.CompletionFlag = [coded(FINDING)], "VERIFIED", "COMPLETE"
    observer = Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = "Reader^Doctor", "Gondar"
    observer.VerificationDateTime = TAKEN + "1100"
    made.VerifyingObserverSequence = [observer]
    made.ContentSequence = [
        item_of("CODE", ConceptCodeSequence=[coded(PRESENT)]),
        item_of("TEXT", TextValue="Interstitial syndrome of Selamawit"),
        item_of("PNAME", PersonName="Reader^Doctor"),
    ]
    return made


def raw(tag, vr, value):
    """An element in Explicit VR Little Endian, whatever its VR admits."""
    value += b"\0" * (len(value) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    long = vr in ("OB", "OD", "OF", "OL", "OW", "OV", "SQ", "UC", "UN", "UR", "UT", "SV", "UV")
    return head + (struct.pack("<HI", 0, len(value)) if long else struct.pack("<H", len(value))) + value
