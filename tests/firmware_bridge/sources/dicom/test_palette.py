import numpy as np
import pytest
from PIL import Image

CINE = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
RED = (255 - np.arange(256)).astype(np.uint8)
GREEN = np.arange(256, dtype=np.uint8)
DARK = np.arange(256, dtype=np.uint8) // 100
WARM = np.asarray(Image.fromarray(np.stack([RED, GREEN, DARK], -1)[np.newaxis]).convert("L"))[0]

STORED = {
    "bytes": lambda levels: levels.tobytes(),
    "full words": lambda levels: (levels.astype("<u2") << 8).tobytes(),
    "repeated bytes": lambda levels: (levels.astype("<u2") * 257).tobytes(),
    "words with an empty upper byte": lambda levels: levels.astype("<u2").tobytes(),
}


@pytest.fixture
def with_palette(an_object):
    def make(stored: str, descriptor: list[int], **values: object):
        dataset = an_object(CINE, PhotometricInterpretation="PALETTE COLOR", **values)
        for name, levels in (("Red", RED), ("Green", GREEN), ("Blue", DARK)):
            setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", descriptor)
            setattr(dataset, f"{name}PaletteColorLookupTableData", STORED[stored](levels))
        return dataset

    return make


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("entries", [256, 0])
def test_the_length_of_the_data_tells_how_entries_are_stored(entries: int, bits: int, stored: str, with_palette, read) -> None:
    pixels = read(with_palette(stored, [entries, 0, bits])).pixels[0]
    np.testing.assert_array_equal(pixels.reshape(-1), WARM)


def test_indices_outside_the_table_have_its_first_and_last_colour(an_object, read) -> None:
    dataset = an_object(CINE, PhotometricInterpretation="PALETTE COLOR")
    for name in ("Red", "Green", "Blue"):
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [4, 100, 8])
        setattr(dataset, f"{name}PaletteColorLookupTableData", bytes([10, 20, 30, 40]))
    pixels = read(dataset).pixels[0].reshape(-1)
    assert pixels[[0, 100, 101, 103, 104, 255]].tolist() == [10, 10, 20, 40, 40, 40]


def test_indices_of_eight_bits_in_words_are_looked_up(with_palette, read) -> None:
    dataset = with_palette("full words", [256, 0, 16])
    dataset.BitsAllocated = 16
    dataset.PixelData = CINE.astype("<u2").tobytes()
    np.testing.assert_array_equal(read(dataset).pixels[0].reshape(-1), WARM)


@pytest.mark.parametrize(("shift", "stated"), [(4, 12), (2, 10), (8, 12)])
def test_entries_of_other_bits_than_the_standard_has_reach_white_and_no_further(shift: int, stated: int, with_palette, read) -> None:
    """Entries that need more bits than are stated are full words."""
    dataset = with_palette("bytes", [256, 0, stated])
    for name, levels in (("Red", RED), ("Green", GREEN), ("Blue", DARK)):
        setattr(dataset, f"{name}PaletteColorLookupTableData", (levels.astype("<u2") << shift).tobytes())
    np.testing.assert_array_equal(read(dataset).pixels[0].reshape(-1), WARM)
