"""Decodes one frame with GDCM, in a process of its own, which GDCM ends at a damaged frame.

python -I gdcm_frame.py CODING ROWS COLUMNS SAMPLES BITS < frame > pixels
"""

import sys

import gdcm

SYNTAXES = {"JPEG-LS": gdcm.TransferSyntax.JPEGLSLossless, "JPEG lossless": gdcm.TransferSyntax.JPEGLosslessProcess14_1}
BYTE, WORD = 8, 16


def main(coding: str, rows: int, columns: int, samples: int, bits: int) -> None:
    """Writes the pixels, colour by pixel, of the frame on the standard input; those of more than eight bits as little-endian words."""
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
    image.SetTransferSyntax(gdcm.TransferSyntax(SYNTAXES[coding]))
    stored = BYTE if bits <= BYTE else WORD
    image.SetPixelFormat(gdcm.PixelFormat(samples, stored, stored, stored - 1, 0))
    sys.stdout.buffer.write(image.GetBuffer().encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
