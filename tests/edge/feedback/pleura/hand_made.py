"""Hand-made pictures and class maps along the beams, of which the share is known exactly."""

import numpy as np

from edge.vision.beams import DEPTHS, LINES

PLEURA, WALL, BRIGHT, LUNG, WET = 30, 90, 220, 70, 150
"""The depth of the pleural line, and grey levels: of the chest wall, the pleura, dry lung and B-lines."""


def picture(b_lines=(), ribs=(), gaps=(), wet=WET):
    """(LINES, DEPTHS) grey: a pleural line with B-lines below some beams, shadows of ribs, and gaps in which no line is seen."""
    grey = np.full((LINES, DEPTHS), WALL, np.uint8)
    grey[:, PLEURA - 1 : PLEURA + 2] = BRIGHT
    grey[:, PLEURA + 2 :] = LUNG
    grey[list(b_lines), PLEURA + 2 :] = wet
    grey[list(ribs), PLEURA - 8 :] = 2
    grey[list(ribs), PLEURA - 10 : PLEURA - 8] = BRIGHT
    for beam in gaps:
        grey[beam] = np.linspace(WALL, LUNG, DEPTHS)
    return grey


def class_map(b_lines, logit=4.0):
    """(LINES, DEPTHS) log-odds: B-lines on some beams, none on the others."""
    mapped = np.full((LINES, DEPTHS), -logit, np.float32)
    mapped[list(b_lines)] = logit
    return mapped
