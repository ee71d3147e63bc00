"""Outcomes: what patients turned out to have, as people recorded it."""
