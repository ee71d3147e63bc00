"""Figures of speed and size, taken on the machine they are printed on; their targets stand at the top of each module."""
