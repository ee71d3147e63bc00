"""The head of an image: Ultrasound Multi-frame Image, and Ultrasound Image for a part of one frame (PS3.3 A.6, A.7)."""

from collections.abc import Iterator, Sequence

from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import UltrasoundImageStorage, UltrasoundMultiFrameImageStorage

from edge.exchange.codes import LUNG, TRANSDUCERS, zone_code
from edge.exchange.dicom.frames import Part
from edge.exchange.dicom.header import set_common, set_equipment, set_moment
from edge.exchange.dicom.items import begin, sequence, set_series
from edge.exchange.dicom.names import long_string, text_of
from edge.exchange.dicom.place import Found
from edge.exchange.dicom.regions import MM_PER_CM, regions_of
from edge.exchange.dicom.syntax import Policy
from edge.exchange.handed import HandedClip, HandedExam
from edge.exchange.stated import NO_PATIENT
from edge.exchange.uids import derived_uid
from edge.inference.shown import whole
from edge.notice import NOTICE
from firmware_bridge.frame import AcquisitionSettings

LATERALITY = {"left": "L", "right": "R"}
TRANSDUCER_TYPES = {"linear": "LINEAR", "curvilinear": "CURVED LINEAR", "sector": "SECTOR_PHASED"}
"""By the shape of a geometry (PS3.3 C.8.5.6, Transducer Type); a sector is that of a phased array."""
CHEST, IN_2D = "CHEST", "0001"
"""The part of the body and the modes in Image Type (PS3.3 C.8.5.6.1.1)."""
US_PER_MS = 1000


def image_of(exam: HandedExam, found: Found, part: Part, policy: Policy, number: int) -> Dataset:
    """The object of a part of a clip without its pixels, as instance `number`."""
    clip = found.clip
    sop_class = UltrasoundImageStorage if part.frames == 1 else UltrasoundMultiFrameImageStorage
    dataset = begin(sop_class, derived_uid(clip.record.id, "image", part.sequences[0], *policy.variant), policy.syntax)
    set_common(dataset, exam)
    set_series(dataset, exam.exam.id, "images", number)
    dataset.SeriesDescription = long_string(exam.protocol.name)
    dataset.ProtocolName = long_string(f"{exam.protocol.name} {exam.protocol.version}")
    set_moment(dataset, "Content", clip.record.kept_at, exam)
    dataset.ImageType = ["DERIVED" if policy.lossy else "ORIGINAL", "PRIMARY", CHEST, IN_2D]
    if policy.lossy:
        dataset.DerivationDescription = f"JPEG baseline, quality {policy.quality}"
    set_pixels(dataset, part.shared.shape, 1, policy)
    _set_times(dataset, part)
    _set_place(dataset, exam, clip)
    _set_acquisition(dataset, exam, part)
    dataset.ImageComments = text_of(_comments(clip, part, found.survey.lost))
    return dataset


def set_pixels(dataset: Dataset, shape: tuple[int, int], samples: int, policy: Policy) -> None:
    """States how the pixels of one frame of `shape` are stored: 8 bits a sample (PS3.3 C.7.6.3)."""
    dataset.Rows, dataset.Columns = shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = samples, policy.colours(samples)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    if samples > 1:
        dataset.PlanarConfiguration = 0


def _set_times(dataset: Dataset, part: Part) -> None:
    """The times of the device: one step where they are even, else every step, in milliseconds (PS3.3 C.7.6.5)."""
    if part.frames == 1:
        return
    steps = part.steps_us
    dataset.NumberOfFrames = part.frames
    if len(set(steps)) == 1:
        dataset.FrameTime, pointed = _ms(steps[0]), "FrameTime"
    else:
        dataset.FrameTimeVector, pointed = ["0", *map(_ms, steps)], "FrameTimeVector"
    dataset.FrameIncrementPointer = Tag(pointed)


def _ms(us: int) -> str:
    return f"{us / US_PER_MS:.10g}"


def _set_place(dataset: Dataset, exam: HandedExam, clip: HandedClip) -> None:
    zone = clip.zone
    dataset.AnatomicRegionSequence = sequence(LUNG)
    dataset.ViewCodeSequence = sequence(zone_code(exam.protocol.id, zone.id, long_string(zone.name)))
    dataset.ImageLaterality = LATERALITY[zone.side]
    dataset.PatientOrientation = ""


def _set_acquisition(dataset: Dataset, exam: HandedExam, part: Part) -> None:
    shared, settings = part.shared, part.shared.settings
    set_equipment(dataset, exam, [shared.machine])
    if shared.machine.probe:
        dataset.TransducerData = long_string(shared.machine.probe)
    if (shape := shared.geometry.shape.value) in TRANSDUCERS:
        dataset.TransducerType = TRANSDUCER_TYPES[shape]
        dataset.TransducerGeometryCodeSequence = sequence(TRANSDUCERS[shape])
    if settings.depth_mm is not None:
        dataset.DepthOfScanField = whole(settings.depth_mm)
    if settings.focus_mm is not None:
        dataset.FocusDepth = f"{settings.focus_mm / MM_PER_CM:.6g}"
    if settings.mechanical_index is not None:
        dataset.MechanicalIndex = f"{settings.mechanical_index:.6g}"
    if regions := regions_of(shared.geometry, part.region, settings):
        dataset.SequenceOfUltrasoundRegions = regions
    if shared.simulated:
        dataset.BurnedInAnnotation, dataset.QualityControlImage = "NO", "YES"


def _comments(clip: HandedClip, part: Part, lost: str) -> Iterator[str]:
    """What no attribute holds: the zone, its quality, what was recorded against advice, and settings without an attribute."""
    record, zone = clip.record, clip.zone
    if part.shared.simulated:
        yield NO_PATIENT
    yield f"Zone {zone.id}: {zone.name}"
    if clip.rejected:
        yield "Rejected: the zone was taken again"
    yield f"Image quality {whole(record.quality)} of 100"
    if record.overridden:
        yield f"Recorded against the advice: {', '.join(record.overridden)}"
    if record.machine_mark:
        yield record.machine_mark
    yield ", ".join(_settings(part.shared.settings))
    if lost:
        yield f"Not whole: {lost}"
    yield NOTICE


def _settings(settings: AcquisitionSettings) -> Sequence[str]:
    """In words and with their units: DICOM has no attribute for some, and rounds others."""
    stated = (
        ("depth", settings.depth_mm, " mm"),
        ("focus", settings.focus_mm, " mm"),
        ("gain", settings.gain_db, " dB"),
        ("frequency", settings.frequency_mhz, " MHz"),
        ("thermal index", settings.thermal_index, ""),
    )
    known = [f"{name} {value:g}{unit}" for name, value, unit in stated if value is not None]
    return [*known, f"preset {settings.preset}"] if settings.preset else known
