"""Recorded exams read again by a candidate release, beside the one that reads now: what would change, before it does."""
