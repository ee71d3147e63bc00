"""Checks of the probe."""
