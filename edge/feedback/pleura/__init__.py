"""The share of the pleural line below which B-lines run, of a frame and of a clip.

It stands in the feedback and not in the reading: it is a figure of a patient's course, for which no release is validated, and no finding,
report or score depends on it.
"""
