"""The statistics of several sites side by side and together. Only counts travel: no image, no case and no name."""
