"""Beam lines to image."""
