"""Decodes one JPEG-LS frame with GDCM, in a process of its own, which GDCM ends at a damaged frame.

python -I gdcm_frame.py ROWS COLUMNS SAMPLES < frame > pixels
"""

import sys

import gdcm

BITS = 8


def main(rows: int, columns: int, samples: int) -> None:
    """Writes the pixels, colour by pixel, of the frame on the standard input."""
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(sys.stdin.buffer.read())
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.MONOCHROME2 if samples == 1 else gdcm.PhotometricInterpretation.RGB
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLSLossless))
    image.SetPixelFormat(gdcm.PixelFormat(samples, BITS, BITS, BITS - 1, 0))
    sys.stdout.buffer.write(image.GetBuffer().encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
