"""Decommissions a device: its keys are destroyed first, then everything in the data folder is removed."""
